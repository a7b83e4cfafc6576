/** From a series [row][feature] to panels of 8 windows. `origins` are row numbers, one a window; padding repeats the first. */

/**
 * x[step][panel][feature][8] = series[origin - steps + step][feature] for panels from <= panel < to of a batch of `count`
 * windows; zero for the features that pad them to a multiple of four.
 */
export function gatherWindows(
  x: usize,
  stride: usize,
  steps: usize,
  panels: usize,
  series: usize,
  features: usize,
  origins: usize,
  count: usize,
  from: usize,
  to: usize,
): void {
  for (let row = from * 8; row < to * 8; row++) {
    const origin: usize = load<u32>(origins + (row < count ? row * 4 : 0));
    let source = series + (origin - steps) * features * 4;
    let panel = x + (row / 8) * stride + (row % 8) * 4;
    for (let step: usize = 0; step < steps; step++) {
      let target = panel;
      for (let feature: usize = 0; feature < features; feature++) {
        store<f32>(target, load<f32>(source));
        source += 4;
        target += 32;
      }
      for (let padding = features; padding % 4 != 0; padding++) {
        store<f32>(target, 0);
        target += 32;
      }
      panel += panels * stride;
    }
  }
}

/** truth[panel][step * stepColumns + target][8] = series[origin + step][target]; the first `targets` features are targets. */
export function gatherTargets(
  truth: usize,
  stride: usize,
  stepColumns: usize,
  horizon: usize,
  targets: usize,
  series: usize,
  features: usize,
  origins: usize,
  count: usize,
  from: usize,
  to: usize,
): void {
  for (let row = from * 8; row < to * 8; row++) {
    const origin: usize = load<u32>(origins + (row < count ? row * 4 : 0));
    let target = truth + (row / 8) * stride + (row % 8) * 4;
    for (let step: usize = 0; step < horizon; step++) {
      let source = series + (origin + step) * features * 4;
      for (let each: usize = 0; each < targets; each++) {
        store<f32>(target, load<f32>(source));
        source += 4;
        target += 32;
      }
      target += (stepColumns - targets) * 32;
    }
  }
}
