/** The parts of GET /status/{identifier} that the start shows; anything else in it is let through unread. */
export interface StageView {
  readonly state?: string;
  readonly epoch?: number;
  readonly epochs?: number;
  readonly batch?: number;
  readonly batches?: number;
  readonly loss?: number | null;
  readonly val_loss?: number | null;
  readonly share?: number;
  readonly rows_per_second?: number | null;
  readonly eta_s?: number;
  readonly reused?: boolean;
  readonly message?: string;
  readonly rows?: { readonly train: number; readonly test: number };
  readonly error?: { readonly code: string; readonly message: string };
}

export interface ScoreboardRow {
  readonly model_type: string;
  readonly run_id: string;
  readonly baseline: boolean;
  readonly select: { readonly rmse: number; readonly score: number };
  readonly test: { readonly rmse: number; readonly mae: number; readonly score: number };
}

export interface StatusView {
  readonly identifier: string;
  readonly claim_id: string;
  readonly config_hash?: string | null;
  readonly state: string;
  readonly stages: {
    readonly preprocess?: StageView;
    readonly train?: Readonly<Record<string, StageView>>;
    readonly evaluate?: StageView;
    readonly infer?: StageView;
  };
  readonly promoted?: {
    readonly run_id: string;
    readonly model_type: string;
    readonly score: number;
    readonly reason: string;
  } | null;
  readonly scoreboard?: readonly ScoreboardRow[];
}

/** undefined while the identifier is unknown. */
export async function fetchStatus(url: string, identifier: string): Promise<StatusView | undefined> {
  const response = await fetch(`${url}/status/${encodeURIComponent(identifier)}`);
  if (response.status === 404) return undefined;
  if (!response.ok)
    throw new Error(
      `expected GET /status/${identifier} to answer, got ${response.status} ${await response.text()}`,
    );
  return JSON.parse(await response.text());
}
