# The same process as `npm run jingwei -- serve`, in a container. Build where the package registry is reachable; the image
# itself needs no network.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Every binary ships inside its package, and what our own scripts build is not copied yet.
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY . .
RUN npx vite build && npm run build:grid && npm prune --omit=dev

FROM node:24-bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app /app
RUN mkdir -p /data/inbox && chown -R node:node /data
USER node
ENV NODE_ENV=production \
    UV_THREADPOOL_SIZE=16 \
    MALLOC_ARENA_MAX=2 \
    JINGWEI_DATA_DIR=/data \
    JINGWEI_HTTP_HOST=0.0.0.0 \
    JINGWEI_MQTT_HOST=0.0.0.0 \
    JINGWEI_RTMP_HOST=0.0.0.0
VOLUME /data
EXPOSE 8080 1883 1935
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=4", "--import", "tsx", "services/cli/main.ts", "serve"]
