// For `sls invoke local`: osls requires a handler, and imports it only where require says that it is an ES module.
import Module from 'node:module';

type Load = (module: unknown, filename: string) => void;

/**
 * Lets require say so of an ES module that awaits at its top level too. Since Node 20.19 require loads other ES modules by
 * itself, and refuses these before anything of them has run with a code of their own, ERR_REQUIRE_ASYNC_MODULE, at which
 * osls 4.3 gives up.
 */
export function importAsyncHandlers(extensions: Record<string, Load> = extensionsOfNode()): void {
  const load = extensions['.js'];
  if (load === undefined) return;
  extensions['.js'] = (module, filename) => {
    try {
      load(module, filename);
    } catch (cause) {
      if (codeOf(cause) !== 'ERR_REQUIRE_ASYNC_MODULE') throw cause;
      throw Object.assign(new Error(`expected import() of ${filename}, got require()`, { cause }), {
        code: 'ERR_REQUIRE_ESM',
      });
    }
  };
}

/** How require loads a file, by its ending; deprecated since Node 0.10 and kept, untyped. */
function extensionsOfNode(): Record<string, Load> {
  const { _extensions: extensions } = Object(Module) as { readonly _extensions: Record<string, Load> };
  return extensions;
}

function codeOf(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
