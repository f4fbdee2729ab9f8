import { describe, expect, it } from 'vitest';
import { createCookieJar } from '../../src/population/cookie-jar.ts';

const app = new URL('http://127.0.0.1:1111/orders');

describe('a cookie jar', () => {
  it('gives a cookie back to who set it', () => {
    const jar = createCookieJar();
    jar.take(app, ['session=one; Path=/; HttpOnly; SameSite=Lax', 'theme=dark']);
    expect(jar.headerFor(app)).toBe('session=one; theme=dark');
  });

  it('keeps servers on one host apart', () => {
    const jar = createCookieJar();
    jar.take(app, ['session=one; Path=/']);
    expect(jar.headerFor(new URL('http://127.0.0.1:2222/orders'))).toBe('');
  });

  it('sends a cookie to its path and below, the most specific first', () => {
    const jar = createCookieJar();
    jar.take(app, ['wide=1; Path=/', 'narrow=2; Path=/login/abc']);
    expect(jar.headerFor(new URL('/login/abc/confirm', app))).toBe('narrow=2; wide=1');
    expect(jar.headerFor(new URL('/login/abcdef', app))).toBe('wide=1');
  });

  it('replaces a value, and forgets what has expired', () => {
    const jar = createCookieJar();
    jar.take(app, ['a=1; Path=/', 'b=1; Path=/']);
    jar.take(app, ['a=2; Path=/', 'b=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT']);
    expect(jar.headerFor(app)).toBe('a=2');
    jar.take(app, ['a=; Path=/; Max-Age=0']);
    expect(jar.headerFor(app)).toBe('');
  });

  it('keeps an equals sign within a value', () => {
    const jar = createCookieJar();
    jar.take(app, ['token=abc==; Path=/']);
    expect(jar.headerFor(app)).toBe('token=abc==');
  });
});
