# docker build -t blood-cell-classification .
# docker run -p 8501:8501 -v blood-cells:/app/data blood-cell-classification
FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 \
    PORT=8501 BLOODCELLS_HOST=0.0.0.0 BLOODCELLS_STATE_DIR=/app/data
WORKDIR /app

# The CPU builds of torch and torchvision are a tenth of the size; the same pins hold for them.
COPY requirements.txt constraints.txt ./
RUN grep -E '^(torch|torchvision)==' requirements.txt > torch.txt \
    && pip install --index-url https://download.pytorch.org/whl/cpu -r torch.txt \
    && pip install -r requirements.txt

RUN useradd --create-home --uid 1000 app && mkdir data && chown app data
COPY --chown=root:root . .
USER 1000
VOLUME /app/data
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["python", "-m", "apps.server"]
