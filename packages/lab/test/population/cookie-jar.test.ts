import { describe, expect, it } from 'vitest';
import { createCookieJar } from '../../src/population/cookie-jar.ts';

const app = new URL('http://127.0.0.1:1111/orders');

describe('a cookie jar', () => {
  it('returns a cookie to the server that set it', () => {
    const jar = createCookieJar();
    jar.store(app, ['session=one; Path=/; HttpOnly; SameSite=Lax', 'theme=dark']);
    expect(jar.headerFor(app)).toBe('session=one; theme=dark');
  });

  it('keeps servers on one host separate', () => {
    const jar = createCookieJar();
    jar.store(app, ['session=one; Path=/']);
    expect(jar.headerFor(new URL('http://127.0.0.1:2222/orders'))).toBe('');
  });

  it('sends a cookie to its path and below, the most specific first', () => {
    const jar = createCookieJar();
    jar.store(app, ['wide=1; Path=/', 'narrow=2; Path=/login/abc']);
    expect(jar.headerFor(new URL('/login/abc/confirm', app))).toBe('narrow=2; wide=1');
    expect(jar.headerFor(new URL('/login/abcdef', app))).toBe('wide=1');
  });

  it('replaces a value, and drops expired cookies', () => {
    const jar = createCookieJar();
    jar.store(app, ['a=1; Path=/', 'b=1; Path=/']);
    jar.store(app, ['a=2; Path=/', 'b=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT']);
    expect(jar.headerFor(app)).toBe('a=2');
    jar.store(app, ['a=; Path=/; Max-Age=0']);
    expect(jar.headerFor(app)).toBe('');
  });

  it('keeps an equals sign within a value', () => {
    const jar = createCookieJar();
    jar.store(app, ['token=abc==; Path=/']);
    expect(jar.headerFor(app)).toBe('token=abc==');
  });
});
