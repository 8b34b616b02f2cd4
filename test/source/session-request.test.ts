import * as assert from 'uvu/assert';
import { SseTableError } from '../../server/base/errors.ts';
import { checkSessionRequest } from '../../server/source/session-request.ts';
import { suite } from '../suite.ts';

const test = suite('checkSessionRequest');

const DEFAULTS = {
  intervalMs: 2_000,
  weights: { add: 40, update: 50, delete: 10 },
  minRecords: 3,
  maxSessionMs: 300_000,
  seed: undefined,
};

const good: [body: unknown, changed: object][] = [
  [undefined, {}],
  [{}, {}],
  [{ interval_ms: 1 }, { intervalMs: 1 }],
  [{ interval_ms: 60_000 }, { intervalMs: 60_000 }],
  [{ min_records: 0 }, { minRecords: 0 }],
  [{ min_records: 1_000 }, { minRecords: 1_000 }],
  [{ max_session_s: 1 }, { maxSessionMs: 1_000 }],
  [{ max_session_s: 86_400 }, { maxSessionMs: 86_400_000 }],
  [{ seed: 0 }, { seed: 0 }],
  [
    { weights: { add: 0, update: 0.5, delete: 1 } },
    { weights: { add: 0, update: 0.5, delete: 1 } },
  ],
  [{ weights: { add: 1 } }, { weights: { add: 1, update: 0, delete: 0 } }],
];

for (const [body, changed] of good) {
  test(`takes ${JSON.stringify(body)}`, () => {
    assert.equal(checkSessionRequest(body), { ...DEFAULTS, ...changed });
  });
}

const example = 'give for example {"add":40,"update":50,"delete":10}';

const bad: [body: unknown, message: string][] = [
  [null, 'the body must be a JSON object or empty, not null'],
  [[], 'the body must be a JSON object or empty, not []'],
  ['x', 'the body must be a JSON object or empty, not "x"'],
  [
    { interval: 1 },
    'the body has an unknown member "interval"; ' +
      'it takes interval_ms, min_records, max_session_s, seed, weights',
  ],
  [
    JSON.parse('{"__proto__":1}'),
    'the body has an unknown member "__proto__"; ' +
      'it takes interval_ms, min_records, max_session_s, seed, weights',
  ],
  [{ interval_ms: 0 }, 'interval_ms 0 is no whole number from 1 to 60000'],
  [{ interval_ms: 60_001 }, 'interval_ms 60001 is no whole number from 1 to 60000'],
  [{ interval_ms: 1.5 }, 'interval_ms 1.5 is no whole number from 1 to 60000'],
  [{ interval_ms: '5' }, 'interval_ms "5" is no whole number from 1 to 60000'],
  [{ interval_ms: null }, 'interval_ms null is no whole number from 1 to 60000'],
  [{ min_records: -1 }, 'min_records -1 is no whole number from 0 to 1000'],
  [{ min_records: 1_001 }, 'min_records 1001 is no whole number from 0 to 1000'],
  [{ max_session_s: 0 }, 'max_session_s 0 is no whole number from 1 to 86400'],
  [{ max_session_s: 86_401 }, 'max_session_s 86401 is no whole number from 1 to 86400'],
  [{ seed: 4_294_967_296 }, 'seed 4294967296 is no whole number from 0 to 4294967295'],
  [{ weights: 5 }, `weights 5 is no object; ${example}`],
  [{ weights: { ad: 1 } }, 'weights has an unknown member "ad"; it takes add, update, delete'],
  [{ weights: { add: -1 } }, `weights.add -1 is no number of 0 or more; ${example}`],
  [{ weights: { add: '1' } }, `weights.add "1" is no number of 0 or more; ${example}`],
  [{ weights: {} }, `the sum of weights must be above 0 and finite, not 0; ${example}`],
  [
    { weights: { add: 1e308, update: 1e308 } },
    `the sum of weights must be above 0 and finite, not Infinity; ${example}`,
  ],
];

for (const [body, message] of bad) {
  test(`refuses ${JSON.stringify(body)}`, () => {
    assert.throws(
      () => checkSessionRequest(body),
      (error: unknown) => {
        if (!(error instanceof SseTableError)) throw error;
        assert.is(error.message, message);
        return error.code === 'bad_option';
      },
    );
  });
}
