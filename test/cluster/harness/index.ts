/** What suites on a cluster use. */
export * from './cluster.ts';
export { Namespace, type NamespaceOptions } from './namespace.ts';
export * from './objects.ts';
export { Internet, type InternetOptions, outsidePki } from './outside/internet.ts';
export { ATTACKER, HOSTS, RESOLVER } from './outside/plan.ts';
export * from './pods.ts';
export * from './weir.ts';
