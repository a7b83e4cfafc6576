/** What esbuild is given to define. */
export declare function sharedDigests(): Record<string, string>;
