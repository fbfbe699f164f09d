# docker build -t blood-cell-classification .                          the dashboard, REST under /api
# docker build --target serve -t blood-cell-classification:serve .     REST alone
# docker run -p 8501:8501 -v blood-cells:/app/data blood-cell-classification
# docs/deployment.md says more.

# The tag follows the patch releases of 3.11, so that a build with --pull takes their security fixes.
FROM python:3.11-slim-bookworm AS base
# What Kaggle and the networks' authors hand out is kept in the volume, beside all else that is
# written: the rest of the container may be read-only.
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    BLOODCELLS_HOST=0.0.0.0 BLOODCELLS_STATE_DIR=/app/data \
    XDG_CACHE_HOME=/app/data/cache/downloads KAGGLEHUB_CACHE=/app/data/cache/downloads/kagglehub
WORKDIR /app
# OpenVINO tells its makers of each import unless this file says no.
RUN useradd --create-home --uid 1000 app && mkdir data && chown app:app data \
    && mkdir /home/app/intel && echo 0 > /home/app/intel/openvino_telemetry

FROM base AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# The base image's pip installs into it, so that the images do not hold a second one.
RUN python -m venv --without-pip /opt/venv
COPY constraints.txt ./

FROM packages AS serve-packages
# A database driver, e.g. psycopg[binary]==3.3.9 for PostgreSQL; SQLite needs none.
ARG DATABASE_DRIVER=""
COPY requirements-serve.txt ./
RUN pip --python /opt/venv/bin/python install -r requirements-serve.txt \
    ${DATABASE_DRIVER:+"$DATABASE_DRIVER"}

FROM packages AS dashboard-packages
ARG DATABASE_DRIVER=""
COPY requirements.txt ./
# The CPU builds of torch and torchvision come first and satisfy the same pins: PyPI's bring over
# 4 GB of CUDA libraries. What they need in turn is installed, pinned, with the rest.
RUN grep -E '^(torch|torchvision)==' requirements.txt > torch.txt \
    && pip --python /opt/venv/bin/python install --no-deps \
    --index-url https://download.pytorch.org/whl/cpu -r torch.txt \
    && pip --python /opt/venv/bin/python install -r requirements.txt \
    ${DATABASE_DRIVER:+"$DATABASE_DRIVER"}

FROM base AS serve
ENV PORT=8000
COPY --from=serve-packages /opt/venv /opt/venv
COPY models models
COPY core core
COPY apps apps
# By number, for Kubernetes cannot tell that a name is not root.
USER 1000:1000
VOLUME /app/data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/readyz', timeout=4)"]
CMD ["python", "-m", "apps.api"]

# The last target is the one that is built where none is named.
FROM base AS dashboard
ENV PORT=8501
COPY --from=dashboard-packages /opt/venv /opt/venv
COPY models models
COPY core core
COPY apps apps
COPY pages pages
COPY docs/model docs/model
COPY .streamlit .streamlit
COPY Home.py ./
USER 1000:1000
VOLUME /app/data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/_stcore/health', timeout=4)"]
CMD ["python", "-m", "apps.server"]
