/** One subscriber's wish for one topic filter. */
export interface Subscription {
  readonly qos: 0 | 1;
  /** MQTT 5 No Local: not what the subscriber itself published. */
  readonly noLocal: boolean;
}

interface Node<S> {
  readonly children: Map<string, Node<S>>;
  readonly subscribers: Map<S, Subscription>;
}

/**
 * Topic filters of all subscribers as a tree of levels, so that a message is matched in the depth of its topic and not in
 * the number of subscribers.
 */
export class SubscriptionTree<S> {
  readonly #root: Node<S> = newNode();

  add(filter: string, subscriber: S, subscription: Subscription): void {
    let node = this.#root;
    for (const level of filter.split('/')) {
      let child = node.children.get(level);
      if (child === undefined) {
        child = newNode();
        node.children.set(level, child);
      }
      node = child;
    }
    node.subscribers.set(subscriber, subscription);
  }

  remove(filter: string, subscriber: S): void {
    this.#remove(this.#root, filter.split('/'), 0, subscriber);
  }

  /** Subscribers of `topic`, each once with the highest QoS of its matching filters [MQTT-3.3.5-1]. */
  match(topic: string): ReadonlyMap<S, Subscription> {
    const found = new Map<S, Subscription>();
    this.#collect(this.#root, topic.split('/'), 0, topic.startsWith('$'), found);
    return found;
  }

  #collect(
    node: Node<S>,
    levels: readonly string[],
    depth: number,
    dollar: boolean,
    found: Map<S, Subscription>,
  ): void {
    const wildcards = depth > 0 || !dollar;
    if (wildcards) merge(node.children.get('#'), found);
    const level = levels[depth];
    if (level === undefined) {
      merge(node, found);
      return;
    }
    const literal = node.children.get(level);
    if (literal !== undefined) this.#collect(literal, levels, depth + 1, dollar, found);
    const any = wildcards ? node.children.get('+') : undefined;
    if (any !== undefined) this.#collect(any, levels, depth + 1, dollar, found);
  }

  /** Prunes empty branches on the way back, so that passing subscribers leave nothing behind. */
  #remove(node: Node<S>, levels: readonly string[], depth: number, subscriber: S): void {
    const level = levels[depth];
    if (level === undefined) {
      node.subscribers.delete(subscriber);
      return;
    }
    const child = node.children.get(level);
    if (child === undefined) return;
    this.#remove(child, levels, depth + 1, subscriber);
    if (child.children.size === 0 && child.subscribers.size === 0) node.children.delete(level);
  }
}

function newNode<S>(): Node<S> {
  return { children: new Map(), subscribers: new Map() };
}

function merge<S>(node: Node<S> | undefined, found: Map<S, Subscription>): void {
  if (node === undefined) return;
  for (const [subscriber, wish] of node.subscribers) {
    const other = found.get(subscriber);
    found.set(
      subscriber,
      other === undefined
        ? wish
        : { qos: Math.max(other.qos, wish.qos) as 0 | 1, noLocal: other.noLocal && wish.noLocal },
    );
  }
}
