// Loaded into the functions' process before anything else: when the starter dies, however it dies, this process goes
// too, instead of keeping its ports and its consumer groups' seats.
process.on('disconnect', () => process.exit(0));
process.channel?.unref();
