/** The DNS wire format, both sides: strict where a client speaks, believing no more than was asked where a server does. */
export * from './query.ts';
export * from './rdata.ts';
export * from './response.ts';
export { FLAG, RCODE, TYPE, typeName } from './wire.ts';
