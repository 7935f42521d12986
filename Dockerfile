# Two stages from one base image: the first builds the wheel and an environment that holds it, the second holds that
# environment and nothing else: no source tree, no wheel, no cache.

FROM python:3.13-slim AS build
WORKDIR /src
# .dockerignore lets in what stands here and nothing more, so no key that lies beside it can end in a layer.
COPY pyproject.toml README.md LICENSE ./
COPY proxy proxy
COPY translators translators
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /dist .
# With the extra that lets replicas share what they remember: where there are containers there are replicas.
RUN python -m venv --without-pip /opt/outcrop \
 && set -- /dist/*.whl \
 && pip --python /opt/outcrop/bin/python install --no-cache-dir "$1[redis]"

FROM python:3.13-slim
COPY --from=build /opt/outcrop /opt/outcrop
# Open to every uid: docker-compose.yml runs this as the owner of the host's ~/.aws, whoever that is.
RUN install -d -m 0755 /home/outcrop /home/outcrop/.aws
ENV PATH=/opt/outcrop/bin:$PATH \
    HOME=/home/outcrop \
    PYTHONUNBUFFERED=1
WORKDIR /home/outcrop
# A number, not a name: Kubernetes' runAsNonRoot can check only numbers.
USER 1000:1000
EXPOSE 8000
# The slim image has no curl. http.client asks 127.0.0.1 directly, whatever HTTP_PROXY says.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/livez'); raise SystemExit(c.getresponse().status != 200)"]
ENTRYPOINT ["outcrop"]
# Inside a container loopback reaches nobody. This address wants API keys (or --no-auth said aloud), on purpose:
# `docker run -p 8000:8000` publishes on every interface of the host.
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
