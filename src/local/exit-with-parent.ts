/**
 * Preloaded into the service's processes: when the stack that started them is gone (a kill -9
 * included), they end as if told to. The service itself knows nothing of the stack.
 */
process.on('disconnect', () => process.kill(process.pid, 'SIGTERM'));
