import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topicAccess } from './acl.ts';
import { principal } from './gateway-fixture.ts';
import { SubscriptionTree } from './subscriptions.ts';
import { filterCovers, topicFilterFault, topicLevels, topicMatches, topicNameFault } from './topic-filter.ts';

const level = fc.constantFrom('a', 'b', '', '$x');
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 3 }), fc.constantFrom('a', '+', '#'))
  .map(([levels, last]) => [...levels, last].join('/'));

/** Every topic of up to four levels over the alphabet, and one letter no filter names. */
const allTopics: string[] = [''];
for (let depth = 0, from: string[] = ['']; depth < 5; depth++) {
  from = from.flatMap((head) =>
    ['a', 'b', '', '$x', 'z'].map((next) => (depth === 0 ? next : `${head}/${next}`)),
  );
  allTopics.push(...from);
}

/** The rule of section 4.7 as a regular expression: the plain version to judge by. */
function judge(each: string, name: string): boolean {
  if (name.startsWith('$') && /^[+#]/.test(each)) return false;
  const pattern = each
    .split('/')
    .map((part) => (part === '+' ? '[^/]*' : part === '#' ? '.*' : part.replace('$', '\\$')))
    .join('/')
    .replace(/\/\.\*$/, '(/.*)?');
  return new RegExp(`^${pattern}$`).test(name);
}

describe('topicMatches', () => {
  it.each([
    ['a/#', 'a', true],
    ['a/#', 'a/b/c', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
    ['+', '/a', false],
    ['/+', '/a', true],
    ['a/+', 'a', false],
    ['a/+', 'a/', true],
    ['things/d1/#', 'things/d10', false],
  ])('%s and %s: %s', (each, name, expected) => {
    expect(topicMatches(each, name)).toBe(expected);
  });

  it('agrees with section 4.7 written as a regular expression', () => {
    fc.assert(
      fc.property(filter, topic, (each, name) => {
        expect(topicMatches(each, name)).toBe(judge(each, name));
      }),
    );
  });
});

describe('filterCovers', () => {
  it('is true exactly when every topic of the requested filter matches the allowed one', () => {
    fc.assert(
      fc.property(filter, filter, (allowed, requested) => {
        const reached = allTopics.filter((name) => topicMatches(requested, name));
        expect(filterCovers(allowed, requested)).toBe(reached.every((name) => topicMatches(allowed, name)));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('SubscriptionTree', () => {
  it('finds the subscribers a search through all filters finds, and forgets those that left', () => {
    fc.assert(
      fc.property(
        fc.array(filter, { maxLength: 8 }),
        topic,
        fc.integer({ min: 0, max: 8 }),
        (all, name, kept) => {
          const tree = new SubscriptionTree<number>();
          for (const [id, each] of all.entries()) tree.add(each, id, { qos: 1, noLocal: false });
          for (const [id, each] of all.entries()) if (id >= kept) tree.remove(each, id);
          const expected = all.flatMap((each, id) => (id < kept && judge(each, name) ? [id] : []));
          expect([...tree.match(name).keys()].sort()).toEqual(expected);
        },
      ),
    );
  });

  it('gives a subscriber with overlapping filters the message once, at the highest QoS', () => {
    const tree = new SubscriptionTree<string>();
    tree.add('a/#', 's', { qos: 0, noLocal: true });
    tree.add('a/+', 's', { qos: 1, noLocal: false });
    expect([...tree.match('a/b')]).toEqual([['s', { qos: 1, noLocal: false }]]);
  });
});

describe('faults', () => {
  it.each(['', 'a/+/b', '#', 'a\0'])('topicNameFault refuses %j', (name) => {
    expect(topicNameFault(name)).toBeDefined();
  });
  it.each(['', 'a/#/b', 'a#', 'a+/b', '+a', '\0'])('topicFilterFault refuses %j', (each) => {
    expect(topicFilterFault(each)).toBeDefined();
  });
  it.each(['#', '+', 'a/+/#', '/', '+/+'])('topicFilterFault takes %j', (each) => {
    expect(topicFilterFault(each)).toBeUndefined();
  });
  it('topicLevels counts empty levels too', () => {
    expect(['a', '/a', 'a/', 'a//b'].map(topicLevels)).toEqual([1, 2, 2, 3]);
  });
});

describe('topicAccess', () => {
  it('speaks for its own id only', () => {
    const access = topicAccess(principal('d1'));
    expect(access.mayPublish('things/d1/observations')).toBe(true);
    expect(access.mayPublish('things/d10/observations')).toBe(false);
    expect(access.maySubscribe('things/d1/+/x')).toBe(true);
    expect(access.maySubscribe('things/+/x')).toBe(false);
  });

  it('allows nothing to an id that would be a wildcard, and takes "$&" in an id as text', () => {
    for (const id of ['#', '+', 'a/#', ''])
      expect(topicAccess(principal(id)).mayPublish('things/d2/observations')).toBe(false);
    expect(topicAccess(principal('$&')).mayPublish('things/$&/o')).toBe(true);
  });
});
