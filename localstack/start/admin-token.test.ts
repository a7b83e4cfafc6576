import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminToken } from './admin-token.ts';

describe('the admin token', () => {
  let home: string;
  beforeEach(() => {
    home = join(mkdtempSync(join(tmpdir(), 'flts-token-')), 'not there yet');
  });
  afterEach(() => rmSync(join(home, '..'), { recursive: true }));
  const modeOf = (file: string): number => statSync(file).mode & 0o777;

  it('is made once, for its owner alone to read, of 256 random bits', () => {
    const file = join(home, 'admin-token');
    const { token, ...where } = adminToken({ home });
    expect(where).toEqual({ place: file, shell: `$(cat ${file})` });
    expect(token).toMatch(/^[\w-]{43}$/u);
    expect(readFileSync(file, 'utf8')).toBe(`${token}\n`);
    expect(modeOf(file)).toBe(0o600);
    expect(adminToken({ home }).token).toBe(token);
  });

  it('is another one when asked for, and where its file was deleted or is empty', () => {
    const tokens = [adminToken({ home }).token, adminToken({ home, rotateToken: true }).token];
    rmSync(join(home, 'admin-token'));
    tokens.push(adminToken({ home }).token);
    writeFileSync(join(home, 'admin-token'), '\n');
    chmodSync(join(home, 'admin-token'), 0o644);
    tokens.push(adminToken({ home }).token);
    expect(new Set(tokens).size).toBe(4);
    expect(modeOf(join(home, 'admin-token'))).toBe(0o600);
  });

  it('is no longer for others to read where it was', () => {
    const { place: file } = adminToken({ home });
    chmodSync(file, 0o644);
    adminToken({ home });
    expect(modeOf(file)).toBe(0o600);
  });

  it('is that of the environment where it has one, and then no file is made', () => {
    expect(adminToken({ home, given: 'mine' })).toEqual({
      token: 'mine',
      place: 'ADMIN_TOKEN',
      shell: '$ADMIN_TOKEN',
    });
    expect(() => statSync(home)).toThrow('ENOENT');
  });
});
