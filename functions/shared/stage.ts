import type { GroupName } from './settings/settings.ts';
import type { TOPICS } from './topics.ts';

type Topic = (typeof TOPICS)[keyof typeof TOPICS];

/** How a function reads a topic: its block of serverless.yml follows. */
export interface Subscription {
  /** One of TOPICS, or the DLQ of one. */
  readonly topic: string;
  /** Consumer group; default: the function's name. */
  readonly group?: string;
  /** Records an invoke, at most. */
  readonly batchSize: number;
  /** Attempts after the first, until a record goes to DLQ-<topic>; -1: without end, and without a DLQ. */
  readonly attempts: number;
  /** Lambda's pollers, at most; each takes one partition at a time or more. */
  readonly pollers: number;
  /** Values of messages that wake the function; default: all. */
  readonly filters?: readonly object[];
}

/** One deployed function of a stage; most stages have one, of their own name. */
export interface StageFunction {
  readonly name: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly reads?: readonly Subscription[];
}

/**
 * What is known of a stage without running it: topics to create, dead letters, the status's stages, what giving up means, and
 * its functions in serverless.yml follow from it. It lies in the stage's folder, and functions/stages.ts lists it.
 */
export interface Stage {
  /** Of its folder, functions/<name>/. */
  readonly name: string;
  /** A comment in serverless.yml: why its limits are what they are. */
  readonly says?: string;
  readonly functions: readonly StageFunction[];
  /** Groups of docs/settings.md that it reads. */
  readonly settings: readonly GroupName[];
  readonly timeoutS: number;
  readonly memoryMb: number;
  /** Of /tmp; default: Lambda's 512. */
  readonly temporaryMb?: number;
  /** Whether uploads to the bucket `dataset` start it. */
  readonly takesUploads?: boolean;
  /** Like `GET /status/{identifier}`. */
  readonly http?: readonly string[];
  readonly publishes: readonly Topic[];
  /** What of /status tells of it: one report a claim, one a model type, or none (left out). */
  readonly reports?: 'a claim' | 'a model type';
  /** The stage whose report says FAILED where a record of this one is given up; default: its own. */
  readonly givenUpAs?: string;
}
