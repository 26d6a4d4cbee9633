/** A namespace that loses its label is told of, whoever was allowed to take it off: an Event and a line in the log. */
import { NAMESPACE_LABEL, NAMESPACE_LABEL_VALUE } from '../../crds/injected.ts';
import type { Recorder } from '../reports/recorder.ts';
import type { NamespaceItem } from '../watch/objects.ts';
import type { Store } from '../watch/store.ts';

const NOTE = 'The label weir.dev/inject=enabled was taken off: pods made from now on are not guarded.';

export function watchOptOuts(
  namespaces: Store<NamespaceItem>,
  recorder: Pick<Recorder, 'record'>,
  isLeader: () => boolean,
  log: (message: string, more?: object) => void,
): void {
  const isLabelled = (item: NamespaceItem | undefined) => item?.labels[NAMESPACE_LABEL] === NAMESPACE_LABEL_VALUE;
  namespaces.listen((after, before) => {
    if (!after || after.uid !== before?.uid || !isLabelled(before) || isLabelled(after) || !isLeader()) return;
    const { name, uid } = after;
    log('namespace opted out', { namespace: name });
    const about = { apiVersion: 'v1', kind: 'Namespace', name, uid };
    recorder.record({ about, type: 'Warning', reason: 'OptedOut', action: 'Guard', note: NOTE });
  });
}
