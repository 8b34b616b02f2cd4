/**
 * `sse-table check URL`: watches a stream, asks for it in every way that clients and proxies do, and
 * says what it found.
 *
 * @see SPEC 3.2; DESIGN 5
 */
import { ProgressBar } from '../progress-bar.ts';
import { type RequestParts, readTarget, shownUrl } from '../stream/target.ts';
import type { Terminal } from '../terminal.ts';
import { corsFindings, PREFLIGHT } from './access-findings.ts';
import { checkExitCode, checkReportText } from './check-report.ts';
import type { Finding } from './finding.ts';
import { framingFindings } from './framing-findings.ts';
import { headFindings } from './head-findings.ts';
import {
  compressionFinding,
  headFinding,
  http2Finding,
  http10Finding,
  optionsFinding,
} from './method-findings.ts';
import { type Observation, observe } from './observation.ts';
import {
  hasResumed,
  placeToResume,
  resumeFinding,
  UNKNOWN_ID,
  unknownIdFinding,
} from './resume-findings.ts';
import { spokenProtocol } from './spoken-protocol.ts';
import { timingFindings } from './timing-findings.ts';

/** Each of the questions beside the watching may take as long. */
const ASK_MS = 3_000;

const DRAW_MS = 200;

export interface CheckOptions {
  /** Milliseconds. */
  for: number;
  origin: string;
  json: boolean;
  header: readonly string[];
  insecure: boolean;
}

/**
 * Checks and prints the findings. Two connections at most are open at a time.
 * @returns the exit code, by the worst finding: 1 for an error, 3 for a warning, else 0.
 * @throws {SseTableError} `bad_option`.
 */
export async function runCheck(
  url: string,
  options: CheckOptions,
  terminal: Terminal,
): Promise<number> {
  const { clock, stdout, stderr } = terminal;
  const target = readTarget(url, options.header);
  const shown = shownUrl(target);
  const bar = new ProgressBar(stderr);
  const startedAtMs = clock.now();
  const stopDrawing = clock.every(DRAW_MS, () => {
    const atMs = clock.now() - startedAtMs;
    bar.show(atMs / options.for, `watching ${shown}`);
  });
  const findings = await check();
  stopDrawing();
  bar.clear();
  const text = options.json
    ? `${JSON.stringify({ url: shown, findings })}\n`
    : checkReportText(shown, findings, stdout);
  stdout.write(text);
  return checkExitCode(findings);

  function ask(
    parts: RequestParts,
    until: (seen: Observation) => boolean = (seen) => seen.head !== undefined,
    forMs = ASK_MS,
  ): Promise<Observation> {
    const { insecure } = options;
    return observe(target, parts, { clock, insecure, signal: terminal.signal, forMs, until });
  }

  async function check(): Promise<Finding[]> {
    const first = await ask({});
    if (!first.isStream) return headFindings(first);
    const watching = ask({}, () => false, options.for);
    const hasRead = (seen: Observation): boolean => seen.reads.length > 0 || isNoStream(seen);
    const gzip = await ask({ headers: [['Accept-Encoding', 'gzip']] }, hasRead);
    const head = await ask({ method: 'HEAD' });
    const preflightOf = [['Origin', options.origin], ...PREFLIGHT] as const;
    const optionsAnswer = await ask({ method: 'OPTIONS' });
    const http10 = await ask({ version: '1.0' });
    const cors = await ask({ headers: [['Origin', options.origin]] });
    const preflight = await ask({ method: 'OPTIONS', headers: preflightOf });
    const unknown = await ask({ headers: [['Last-Event-ID', UNKNOWN_ID]] });
    const spoken = await spokenProtocol(target, clock);
    const seen = await watching;
    return [
      ...headFindings(seen),
      ...timingFindings(seen),
      ...framingFindings(seen),
      ...(await resume(seen)),
      unknownIdFinding(unknown),
      ...corsFindings(cors, preflight, options.origin),
      compressionFinding(gzip, seen),
      headFinding(head),
      optionsFinding(optionsAnswer),
      http10Finding(http10),
      http2Finding(spoken),
    ];
  }

  async function resume(seen: Observation): Promise<Finding[]> {
    const place = placeToResume(seen);
    if (place === undefined) return []; // that there are no ids is a finding already
    const headers = [['Last-Event-ID', place.id]] as const;
    const again = await ask({ headers }, (now) => isNoStream(now) || hasResumed(now, place.missed));
    return [resumeFinding(again, place)];
  }
}

function isNoStream(seen: Observation): boolean {
  return seen.head !== undefined && !seen.isStream;
}
