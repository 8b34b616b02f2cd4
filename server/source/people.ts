/**
 * The people of the demo: rows of id, name, age, city, score and status, made at random.
 *
 * @see SPEC 3.3
 */
import type { Random } from '../base/random.ts';
import type { Json, Key, Row } from '../wire/change.ts';

const CHINESE_FAMILY = [
  'Li',
  'Wang',
  'Zhang',
  'Liu',
  'Chen',
  'Yang',
  'Zhao',
  'Huang',
  'Zhou',
  'Wu',
];
const CHINESE_GIVEN = ['Si', 'Wei', 'Fang', 'Min', 'Jing', 'Lei', 'Yan', 'Jun', 'Na', 'Hao', 'Mei'];
const WORLD_GIVEN = [
  'Maria',
  'Ahmed',
  'Sofia',
  'Yuki',
  'Lukas',
  'Amara',
  'Noah',
  'Chloé',
  'Ravi',
  'Zoë',
];
const WORLD_FAMILY = [
  'García',
  'Hassan',
  'Rossi',
  'Tanaka',
  'Weber',
  'Okafor',
  'Smith',
  'Patel',
  'Müller',
  'Novák',
];
const CITIES = [
  'Beijing',
  'Shanghai',
  'Shenzhen',
  'Chengdu',
  'Singapore',
  'Tokyo',
  'London',
  'Paris',
  'Berlin',
  'New York',
];
const STATUSES = ['active', 'inactive', 'pending'];

/** Share of Chinese names. */
const CHINESE_SHARE = 0.6;

const MIN_AGE = 18;
const MAX_AGE = 70;
const MAX_SCORE = 100;

/** Characters of a text in a message; longer ones are cut. */
const MAX_TEXT_LENGTH = 100;

/** Control characters, and what would begin a tag in a page that is careless with messages. */
const UNSAFE = /[\p{Cc}\p{Cs}<>\u2028\u2029]/gu;

/** The columns an update changes. */
const CHANGING = ['age', 'city', 'score', 'status'] as const;

/** A new person. */
export function createPerson(id: number, random: Random): Row {
  return {
    id,
    name: randomName(random),
    age: randomAge(random),
    city: pick(CITIES, random),
    score: randomScore(random),
    status: pick(STATUSES, random),
  };
}

/** The key and one or two columns with values other than the row's. */
export function changePerson(row: Row, random: Random): Row {
  const data: Row = { id: row.id ?? null };
  const first = pick(CHANGING, random);
  data[first] = otherValue(first, row[first], random);
  const second = pick(CHANGING, random); // often the same: then one column changes
  if (second !== first) data[second] = otherValue(second, row[second], random);
  return data;
}

/** A row's name for a message, whatever others have written into the table. */
export function nameOf(row: Row, key: Key): string {
  const name = row.name;
  const text = typeof name === 'string' ? cleanText(name) : '';
  return text === '' ? `#${cleanText(String(key))}` : text;
}

/** Trimmed, without control characters and angle brackets, of bounded length. */
export function cleanText(text: string): string {
  return text.replace(UNSAFE, '').trim().slice(0, MAX_TEXT_LENGTH);
}

function otherValue(
  column: (typeof CHANGING)[number],
  held: Json | undefined,
  random: Random,
): Json {
  switch (column) {
    case 'age': {
      const age = randomAge(random);
      if (age !== held) return age;
      return age === MAX_AGE ? MIN_AGE : age + 1;
    }
    case 'score': {
      const score = randomScore(random);
      if (score !== held) return score;
      return score === MAX_SCORE ? 0 : MAX_SCORE;
    }
    case 'city':
      return pickOther(CITIES, held, random);
    case 'status':
      return pickOther(STATUSES, held, random);
  }
}

function randomName(random: Random): string {
  return random() < CHINESE_SHARE
    ? `${pick(CHINESE_FAMILY, random)} ${pick(CHINESE_GIVEN, random)}`
    : `${pick(WORLD_GIVEN, random)} ${pick(WORLD_FAMILY, random)}`;
}

function randomAge(random: Random): number {
  return MIN_AGE + Math.floor(random() * (MAX_AGE - MIN_AGE + 1));
}

/** One decimal. */
function randomScore(random: Random): number {
  return Math.floor(random() * (MAX_SCORE * 10 + 1)) / 10;
}

function pickOther(list: readonly string[], held: Json | undefined, random: Random): string {
  const others = list.filter((item) => item !== held);
  return pick(others, random);
}

function pick<T extends string>(list: readonly T[], random: Random): T {
  const item = list[Math.floor(random() * list.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
