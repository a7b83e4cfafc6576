/** The environment variable that tells the shim which handler to load: an absolute path and the export's name. */
export const HANDLER_VARIABLE = 'EVENT_SOURCES_HANDLER';
