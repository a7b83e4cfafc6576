import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.ts';

describe('parseArguments', () => {
  it('reads each command, and takes the topic with or without its prefix', () => {
    expect(parseArguments(['list'])).toEqual({ name: 'list' });
    expect(parseArguments(['show', 'orders'])).toEqual({ name: 'show', topic: 'DLQ-orders', count: 10 });
    expect(parseArguments(['show', 'DLQ-orders', '3'])).toEqual({
      name: 'show',
      topic: 'DLQ-orders',
      count: 3,
    });
    const options = ['--filter', 'error_code=E', '--dry-run', '--filter=a.b=x=y'];
    expect(parseArguments(['redrive', 'orders', ...options])).toEqual({
      name: 'redrive',
      topic: 'DLQ-orders',
      filters: [
        { key: 'error_code', value: 'E' },
        { key: 'a.b', value: 'x=y' },
      ],
      dryRun: true,
    });
  });

  it.each([
    [[]],
    [['list', 'more']],
    [['show']],
    [['show', 'a', 'many']],
    [['show', 'a', '0']],
    [['redrive']],
    [['redrive', '--dry-run']],
    [['redrive', 'a', '--filter']],
    [['redrive', 'a', '--filter', 'novalue']],
    [['redrive', 'a', '--force']],
    [['purge', 'a']],
  ])('refuses %j', (args) => {
    expect(() => parseArguments(args)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});
