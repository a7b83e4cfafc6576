export { startBroker, type Broker, type BrokerOptions } from './broker.ts';
export { BrokerError, type BrokerErrorCode } from './errors.ts';
