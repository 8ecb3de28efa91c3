# One image for every role; the command chooses:
#   node dist/start/api.js       the API (the default)
#   node dist/start/worker.js    the worker
#   node dist/start/migrate.js   applies the migrations, then ends

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production NODE_OPTIONS=--enable-source-maps
# glibc keeps what decoders free, per thread: without these the worker grows past 1 GB.
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json schema.graphql ./
COPY prisma/migrations ./prisma/migrations
# The authorities of RDS, which Node.js does not know: for PGSSLMODE=verify-full.
ADD --chmod=0444 https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem certificates/rds.pem
USER node
EXPOSE 4000
CMD ["node", "dist/start/api.js"]
