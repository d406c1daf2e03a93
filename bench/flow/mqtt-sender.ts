/**
 * A lean MQTT 3.1.1 client as a child process: packets made beforehand are sent at a fixed rate over many connections, and each
 * PUBACK is timed from the instant its message was due, so that a server that holds up the sender is not flattered.
 */
import { createConnection, type Socket } from 'node:net';
import { type Fleet, messageOf } from './city-messages.ts';

export interface SenderOptions {
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly fleet: Fleet;
  readonly messagesPerS: number;
  readonly seconds: number;
  readonly connections: number;
}

export interface SenderReport {
  readonly sent: number;
  readonly acknowledged: number;
  /** ms, from due to acknowledged. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** How late the sender itself was, ms, p99: part of the above. */
  readonly lateP99: number;
}

/** Messages made ahead; they go round, each time with the time of sending in its place. */
const MESSAGES = 6000;
const TIME_DIGITS = 24;

function connectPacket(clientId: string, username: string, password: string): Buffer {
  const text = (value: string) => {
    const bytes = Buffer.from(value);
    return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
  };
  const body = Buffer.concat([
    text('MQTT'),
    Buffer.from([4, 0xc2, 0, 60]),
    text(clientId),
    text(username),
    text(password),
  ]);
  return Buffer.concat([Buffer.from([0x10, ...lengthBytes(body.length)]), body]);
}

function lengthBytes(length: number): number[] {
  return length < 128 ? [length] : [(length & 127) | 128, length >> 7];
}

/** A QoS 1 PUBLISH with packet id 0, and where its packet id and the text of its time stand. */
function publishPacket(topic: string, payload: string) {
  const head = Buffer.from(topic);
  const body = Buffer.from(payload);
  const length = 2 + head.length + 2 + body.length;
  const fixed = Buffer.from([0x32, ...lengthBytes(length)]);
  const bytes = Buffer.concat([
    fixed,
    Buffer.from([head.length >> 8, head.length & 255]),
    head,
    Buffer.from([0, 0]),
    body,
  ]);
  const idAt = fixed.length + 2 + head.length;
  return { bytes, idAt, timeAt: idAt + 2 + payload.indexOf('"time":"') + 8 };
}

class Line {
  readonly socket: Socket;
  readonly due = new Float64Array(65_536);
  nextId = 1;
  #rest = Buffer.alloc(0);
  constructor(socket: Socket, onAck: (dueAt: number) => void) {
    this.socket = socket;
    socket.on('data', (chunk) => {
      const data = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
      let at = 0;
      // Only CONNACK and PUBACK come back, four bytes each.
      for (; at + 4 <= data.length; at += 4) {
        if (data[at] === 0x40) onAck(this.due[data.readUInt16BE(at + 2)]!);
      }
      this.#rest = data.subarray(at);
    });
  }
}

async function run(options: SenderOptions): Promise<SenderReport> {
  const packets = Array.from({ length: MESSAGES }, (_, i) => {
    const { topic, text } = messageOf(options.fleet, i, 0);
    return publishPacket(topic, text);
  });
  const latencies: number[] = [];
  const lateness: number[] = [];
  const lines = await Promise.all(
    Array.from({ length: options.connections }, async (_, i) => {
      const socket = createConnection({ port: options.port, host: '127.0.0.1', noDelay: true });
      socket.write(connectPacket(`bench-${i}`, options.username, options.password));
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.once('data', (answer) =>
          answer[3] === 0 ? resolve() : reject(new Error(`CONNACK ${answer[3]}`)),
        );
      });
      return new Line(socket, (dueAt) => latencies.push(performance.now() - dueAt));
    }),
  );
  const total = Math.round(options.messagesPerS * options.seconds);
  const began = performance.now();
  let sent = 0;
  while (sent < total) {
    const at = performance.now();
    const dueCount = Math.min(total, Math.floor(((at - began) * options.messagesPerS) / 1000));
    const time = new Date().toISOString();
    while (sent < dueCount) {
      // What is due now goes over one connection after another, each batch in one write.
      const line = lines[Math.floor(sent / 20) % lines.length]!;
      const parts: Buffer[] = [];
      for (const end = Math.min(dueCount, sent + 20 - (sent % 20)); sent < end; sent++) {
        const { bytes, idAt, timeAt } = packets[sent % MESSAGES]!;
        const copy = Buffer.from(bytes);
        copy.writeUInt16BE(line.nextId, idAt);
        copy.write(time, timeAt, TIME_DIGITS, 'latin1');
        const dueAt = began + (sent * 1000) / options.messagesPerS;
        line.due[line.nextId] = dueAt;
        line.nextId = line.nextId === 65_535 ? 1 : line.nextId + 1;
        if (sent % 16 === 0) lateness.push(performance.now() - dueAt);
        parts.push(copy);
      }
      line.socket.write(Buffer.concat(parts));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  for (let wait = 0; latencies.length < sent && wait < 100; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const { socket } of lines) socket.destroy();
  const share = (list: Float64Array, part: number) =>
    list[Math.min(list.length - 1, Math.floor(list.length * part))] ?? Number.NaN;
  const sorted = Float64Array.from(latencies).sort();
  const late = Float64Array.from(lateness).sort();
  return {
    sent,
    acknowledged: latencies.length,
    p50: share(sorted, 0.5),
    p99: share(sorted, 0.99),
    p999: share(sorted, 0.999),
    max: share(sorted, 1),
    lateP99: share(late, 0.99),
  };
}

process.once('message', (options: SenderOptions) => {
  run(options).then(
    (report) => process.send!(report, () => process.exit(0)),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
});
