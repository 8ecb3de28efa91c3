/**
 * The same GraphQL operation in the way that is usually written first: Apollo, Prisma and the SDK
 * as their introductions show them. A lookup for each id, the key as PEM text, RSA.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { getSignedUrl } from '@aws-sdk/cloudfront-signer';
import { PrismaPg } from '@prisma/adapter-pg';
import cors from 'cors';
import express from 'express';
import { PrismaClient } from '../../src/generated/prisma/client.ts';
import { answerBench } from './under-test.ts';

const EXPIRY_MS = 600_000;

const env = process.env as Record<string, string>;
const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: env.DATABASE_URL ?? '' }),
});

const typeDefs = `
  type ImageAccess { downloadUrl: String!  expiresAt: String! }
  type Image { id: ID!  status: String!  access: ImageAccess }
  type Query { images(ids: [ID!]!): [Image]! }
`;

const resolvers = {
  Query: {
    images: (_parent: unknown, { ids }: { ids: string[] }) =>
      ids.map((id) => prisma.imageRecord.findUnique({ where: { id } })),
  },
  Image: {
    access(image: { objectKey: string; versionId: string }) {
      const dateLessThan = new Date(Date.now() + EXPIRY_MS);
      const downloadUrl = getSignedUrl({
        url: `${env.CLOUDFRONT_DOMAIN}/${image.objectKey}?versionId=${image.versionId}`,
        keyPairId: env.CLOUDFRONT_KEY_PAIR_ID ?? '',
        privateKey: env.CLOUDFRONT_PRIVATE_KEY_PEM ?? '',
        dateLessThan,
      });
      return { downloadUrl, expiresAt: dateLessThan.toISOString() };
    },
  },
};

const apollo = new ApolloServer({ typeDefs, resolvers, stopOnTerminationSignals: false });
await apollo.start();
const app = express();
app.use('/graphql', cors(), express.json(), expressMiddleware(apollo));
const server = createServer(app);
server.listen(0, '127.0.0.1');
await once(server, 'listening');
answerBench((server.address() as AddressInfo).port, async () => {
  server.close();
  server.closeAllConnections();
  await apollo.stop();
  await prisma.$disconnect();
});
