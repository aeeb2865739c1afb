# The wheel is built from this checkout and installed beside the locked packages; nothing of the build stays in the image.

FROM python:3.13-slim AS build
WORKDIR /src
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
COPY requirements.txt requirements-build.txt ./
RUN python -m venv /opt/shortstave \
    && /opt/shortstave/bin/pip install --require-hashes --requirement requirements.txt \
    && python -m pip install --require-hashes --requirement requirements-build.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY templates templates
COPY static static
COPY migrations migrations
COPY locale locale
COPY docs/api.md docs/api.md
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
    && /opt/shortstave/bin/pip install --no-deps /wheel/*.whl

FROM python:3.13-slim
# A chart downloaded as PNG needs a font to write with, a report as PDF what sets its text (Pango).
RUN apt-get update \
    && apt-get install --yes --no-install-recommends fonts-dejavu-core libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --system --gid 10001 shortstave \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --no-create-home shortstave \
    && install -d -o shortstave -g shortstave -m 0700 /data
COPY --from=build /opt/shortstave /opt/shortstave
ENV PATH=/opt/shortstave/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SHORTSTAVE_DATA_DIR=/data \
    SHORTSTAVE_HOST=0.0.0.0 \
    SHORTSTAVE_LOG_FORMAT=json
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["shortstave"]
CMD ["serve"]
