import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { createBff } from '@crossfade/client';
import { crossfadeBff } from '@crossfade/client/express';
import {
  Body,
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  type INestApplication,
  Injectable,
  Module,
  Post,
  Req,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import type { Request } from 'express';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Browser, createBrowser } from '../../packages/client/test/fixture/browser.ts';
import { issuanceFixture } from '../../packages/client/test/fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../../packages/client/test/fixture/provider-fixture.ts';
import { type OrdersApi, startOrdersApi } from './orders-api.ts';

const APP = 'https://app.example.com';

/** As `docs/recipes/nestjs.md` has it. Decorators are called: what runs these tests lowers none. */
class SignedIn implements CanActivate {
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request>();
    if ((await request.crossfade?.user()) === undefined) throw new UnauthorizedException();
    return true;
  }
}

class Hello {
  async hello(request: Request): Promise<string> {
    return `hello ${(await request.crossfade?.user())?.subject}`;
  }
  echo(body: unknown): unknown {
    return body;
  }
}

class AppModule {}

decorate('hello', Get('hello'), UseGuards(SignedIn));
decorate('echo', Post('echo'));
Req()(Hello.prototype, 'hello', 0);
Body()(Hello.prototype, 'echo', 0);
Injectable()(SignedIn);
Controller()(Hello);
Module({ controllers: [Hello], providers: [SignedIn] })(AppModule);

function decorate(method: 'hello' | 'echo', ...decorators: readonly MethodDecorator[]): void {
  const descriptor = Object.getOwnPropertyDescriptor(Hello.prototype, method) as PropertyDescriptor;
  for (const decorator of decorators) decorator(Hello.prototype, method, descriptor);
}

let provider: ProviderFixture;
let orders: OrdersApi;
let app: INestApplication;
let base: string;
let browser: Browser;
beforeEach(async () => {
  provider = await startProvider({ redirectUri: `${APP}/auth/callback` });
  orders = await startOrdersApi();
  const { issuer, clientId, clientSecret } = provider;
  const { selector } = issuanceFixture();
  const bff = createBff({
    issuer,
    clientId,
    clientSecret,
    selector,
    publicUrl: APP,
    api: { '/api/': `${orders.url}/v1/` },
  });
  app = await NestFactory.create<NestExpressApplication>(AppModule, { logger: false });
  app.use(crossfadeBff({ bff }));
  app.setGlobalPrefix('v1');
  await app.listen(0, '127.0.0.1');
  base = `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
  browser = createBrowser({ [APP]: base });
});
afterEach(async () => {
  await app.close();
  await orders.close();
  await provider.close();
});

it('logs in, guards its controllers and logs out below a global prefix in NestJS', async () => {
  expect((await browser.visit(`${APP}/v1/hello`)).status).toBe(401);
  const shown = await browser.visit(`${APP}/auth/login?returnTo=/v1/hello`);
  expect([shown.url.href, shown.text]).toEqual([`${APP}/v1/hello`, 'hello alice']);
  await browser.visit(`${APP}/auth/logout`, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin' } });
  expect((await browser.visit(`${APP}/v1/hello`)).status).toBe(401);
});

it('passes bodies on to an API in NestJS, and leaves those of the controllers to its parsers', async () => {
  await browser.visit(`${APP}/auth/login`);
  const cookie = [...browser.cookies(APP)].map(([name, value]) => `${name}=${value}`).join('; ');
  const headers = { cookie, 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' };
  const post = (path: string) => fetch(`${base}${path}`, { method: 'POST', headers, body: '{"item":"slipmat"}' });
  expect(await (await post('/api/echo')).json()).toEqual({ item: 'slipmat' });
  expect(await (await post('/v1/echo')).json()).toEqual({ item: 'slipmat' });
});
