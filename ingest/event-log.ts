/** What the doors say about themselves while they work. Counters tell how much, these lines tell what happened. */

/** Everything that is worth a line, by the name it has in the log. */
export type DoorEvent =
  | 'journal-torn-tail'
  | 'journal-lock-reclaimed'
  | 'journal-segment'
  | 'journal-fault'
  | 'journal-recovered'
  | 'journal-packed'
  | 'journal-deleted'
  | 'journal-damaged'
  | 'journal-upkeep-fault'
  | 'journal-upkeep-recovered'
  | 'decoder-fault'
  | 'inbox-taken'
  | 'inbox-done'
  | 'inbox-failed'
  | 'inbox-waits'
  | 'inbox-undeclared'
  | 'inbox-fault'
  | 'mqtt-listener'
  | 'mqtt-connect-refused'
  | 'mqtt-closed'
  | 'mqtt-disk-fault'
  | 'mqtt-will-lost';

/** Takes one event. Fields are plain values and never hold bytes of a message. */
export type EventLog = (event: DoorEvent, fields: Readonly<Record<string, unknown>>) => void;
