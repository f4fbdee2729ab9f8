import { expect, test } from 'vitest';
import { routeOf, stageResource, statement } from '../../src/adapters/lambda-policy.ts';

const STAGE = 'arn:aws-cn:execute-api:cn-north-1:123456789012:abcdef1234/prod';

test.each([
  ['GET/orders/1', 'GET/orders/1'],
  ['GET/', 'GET/'],
  ['POST/a/b:c/d', 'POST/a/b:c/d'],
])('the route of a method is the part after the stage: %s', (route, read) => {
  expect(routeOf(`${STAGE}/${route}`)).toBe(read);
  expect(stageResource(`${STAGE}/${route}`, '*/*')).toBe(`${STAGE}/*/*`);
});

test('an ARN in another form names itself alone', () => {
  expect(stageResource('arn:aws:lambda:eu-central-1:1:function:f', '*/*')).toBe(
    'arn:aws:lambda:eu-central-1:1:function:f',
  );
  expect(routeOf('*')).toBe('');
});

test('a statement is about the right to call methods', () => {
  expect(statement('Allow', ['a', 'b'])).toEqual({
    Action: 'execute-api:Invoke',
    Effect: 'Allow',
    Resource: ['a', 'b'],
  });
});
