// How several films are kept in step: who says where time is, and by how much the others run faster or slower.

// How far one may be from the others, in milliseconds, before it is set right at once, or by its speed.
export const JUMP = 400;
const DRIFT = 40;
// So far does film go on by itself; beyond is a gap.
const LEAP = 1500;

/** The instant after `expected` time: that of the ready film which is nearest to it. Where that goes over a gap, and `others` have film meanwhile, time goes on with those. */
export function lead(ready, others, expected) {
  const instants = ready.map((film) => film.instant()).filter((at) => at !== null);
  const [nearest] = instants.sort((a, b) => Math.abs(a - expected) - Math.abs(b - expected));
  if (nearest === undefined) return null;
  return nearest - expected > LEAP && others.some((film) => film.has(expected)) ? expected : nearest;
}

/** How many milliseconds a film is behind; 0 where nobody knows. */
export function behind(film, at) {
  const shown = film.instant();
  return shown === null ? 0 : at - shown;
}

/** The speed that brings a film back into step. */
export function pace(film, at, rate) {
  const by = behind(film, at);
  return Math.abs(by) < DRIFT ? rate : rate * (1 + Math.sign(by) * 0.06);
}
