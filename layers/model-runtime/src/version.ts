/** This package's own version, which is part of every training_key. */
export const RUNTIME_VERSION = '0.3.0';
