import * as assert from 'uvu/assert';
import { Lag } from '../../server/source/lag.ts';
import { FakeClock } from '../fake-clock.ts';
import { suite } from '../suite.ts';

const test = suite('Lag');

test('seconds: since the tables last equalled the store, and none while they do', () => {
  const clock = new FakeClock();
  const lag = new Lag(clock);
  clock.advance(1_500);
  assert.equal(lag.measure(7), { changes: 7, seconds: 1.5 }, 'never yet');
  lag.caughtUp();
  clock.advance(9_000);
  assert.equal(lag.measure(0), { changes: 0, seconds: 0 });
  lag.caughtUp();
  clock.advance(40);
  lag.fellBehind();
  clock.advance(460);
  assert.equal(
    lag.measure(3),
    { changes: 3, seconds: 0.5 },
    'from the last look that found nothing',
  );
  lag.caughtUp();
  assert.equal(lag.measure(0), { changes: 0, seconds: 0 });
});
