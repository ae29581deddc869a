import { describe, expect, it } from 'vitest';
import { BoundedStream } from '../../client/bounded-stream.ts';
import { EventHub } from '../../client/event-hub.ts';
import { EventStreams } from '../../client/event-streams.ts';
import { refusalOf } from '../support/refusal.ts';

async function take<Event>(stream: AsyncIterable<Event>): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of stream) events.push(event);
  return events;
}

describe('a bounded stream', () => {
  it('gives every event in order, those before the reader came too', async () => {
    const stream = new BoundedStream<number>();
    stream.push(1);
    stream.push(2);
    const reading = take(stream);
    stream.push(3);
    await Promise.resolve();
    stream.push(4);
    stream.end();
    expect(await reading).toEqual([1, 2, 3, 4]);
  });

  it('tells a reader that fell behind, after all that was kept', async () => {
    const stream = new BoundedStream<number>({ limit: 2 });
    for (const event of [1, 2, 3, 4]) stream.push(event);
    expect((await stream.next()).value).toBe(1);
    expect((await stream.next()).value).toBe(2);
    expect(await refusalOf(stream.next())).toBe('too-slow');
    expect(await refusalOf(stream.next())).toBe('too-slow');
  });

  it('keeps up with a reader for ever', async () => {
    const stream = new BoundedStream<number>({ limit: 2 });
    for (let event = 0; event < 100; event++) {
      stream.push(event);
      expect((await stream.next()).value).toBe(event);
    }
  });

  it('is over when the reader breaks off', async () => {
    let returned = 0;
    const stream = new BoundedStream<number>({ onReturn: () => returned++ });
    stream.push(1);
    for await (const _event of stream) break;
    stream.push(2);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    expect(returned).toBe(1);
  });
});

describe('the streams of a hub', () => {
  it('hear from now on, each by itself, until the signal', async () => {
    const hub = new EventHub<{ tick: number; other: string }>();
    const streams = new EventStreams(hub);
    hub.emit('tick', 0);
    const stop = new AbortController();
    const [one, other] = [take(streams.open('tick', stop.signal)), take(streams.open('tick', undefined))];
    hub.emit('tick', 1);
    hub.emit('other', 'no');
    stop.abort();
    hub.emit('tick', 2);
    streams.endAll();
    hub.emit('tick', 3);
    expect(await one).toEqual([1]);
    expect(await other).toEqual([1, 2]);
  });

  it('with a signal that is over are over', async () => {
    const streams = new EventStreams(new EventHub<{ tick: number }>());
    expect(await take(streams.open('tick', AbortSignal.abort()))).toEqual([]);
  });
});

describe('a hub', () => {
  it('calls listeners in order, each until it is taken away', () => {
    const hub = new EventHub<{ tick: number }>();
    const heard: string[] = [];
    const listener = (tick: number) => void heard.push(`a${tick}`);
    const [first, second] = [hub.on('tick', listener), hub.on('tick', listener)];
    hub.on('tick', (tick) => heard.push(`b${tick}`));
    hub.emit('tick', 1);
    first();
    hub.emit('tick', 2);
    second();
    hub.emit('tick', 3);
    expect(heard).toEqual(['a1', 'a1', 'b1', 'a2', 'b2', 'b3']);
  });
});
