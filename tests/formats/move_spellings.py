"""What stands in live files, as people write it, and by hand what each says: a value, that there is none, or unknown.

Tags are those of Docker's official images, of Google's distroless, Bitnami's and mirrors of all of them.
"""

from __future__ import annotations

from syncbot.formats.moves import Unread

ABSENT, UNKNOWN = Unread.ABSENT, Unread.UNKNOWN
DIGEST = "sha256:" + "0123456789abcdef" * 4

# A Dockerfile, and the version of its base image `node`.
VERSIONS: tuple[tuple[str, str], ...] = (
    ("FROM node:22", "22"),
    ("FROM node:22.11", "22.11"),
    ("FROM node:22.11.0", "22.11.0"),
    ("FROM node:22-slim", "22"),
    ("FROM node:22-alpine", "22"),
    ("FROM node:22-alpine3.20", "22"),
    ("FROM node:22.11.0-bookworm-slim AS build", "22.11.0"),
    ("from node:18-bullseye as deps", "18"),
    ("FROM node:8", "8"),
    ("FROM node:0.12-wheezy", "0.12"),
    ("FROM --platform=$BUILDPLATFORM node:22-trixie-slim AS build", "22"),
    ("FROM --platform=linux/amd64 node:20-slim", "20"),
    (f"FROM node:22-slim@{DIGEST}", "22"),
    ("FROM docker.io/library/node:22", "22"),
    ("FROM public.ecr.aws/docker/library/node:20.18-alpine", "20.18"),
    ("FROM registry.acme.example:5000/mirror/node:24-trixie-slim", "24"),
    ("FROM localhost/node:24", "24"),
    ("FROM bitnami/node:22.11.0-debian-12-r3", "22.11.0"),
    ("FROM acme/node:v22.3.1", "22.3.1"),
    ("FROM ${REGISTRY}/node:22", "22"),
    ("ARG NODE_VERSION=22\nFROM node:${NODE_VERSION}-slim", "22"),
    ('ARG NODE_VERSION="22.4.1"\nFROM node:$NODE_VERSION', "22.4.1"),
    ("ARG MAJOR=22\nARG TAG=${MAJOR}-slim\nFROM node:${TAG}", "22"),
    ("FROM node:${NODE_VERSION:-20}-alpine", "20"),
    ("ARG BASE=node:20-slim\nFROM ${BASE}", "20"),
    ("FROM node:22-${VARIANT}", "22"),
    ("# syntax=docker/dockerfile:1\n# Ours.\n\nFROM node:22 \\\n  AS build\nRUN npm ci\n", "22"),
    ("FROM node:22 AS build\nRUN npm ci\nFROM build AS test\nFROM node:22-slim\nCOPY --from=build /app .", "22"),
    ("FROM node:22 AS build\nFROM nginx:1.27-alpine\nCOPY --from=build /app/dist /usr/share/nginx/html", "22"),
    ("FROM golang:1.24 AS tool\nFROM node:22-slim", "22"),
    ('\ufeffFROM node:22\r\nCMD ["node", "server.js"]\r\n', "22"),
    ("FROM node:22\nCOPY --from=node:18 /usr/local/bin/node /old", "22"),
    ("FROM node:22\nCOPY <<EOF /x\nFROM node:18\nEOF\n", "22"),
    ("FROM node", UNKNOWN),
    ("FROM node:latest", UNKNOWN),
    ("FROM node:lts-slim", UNKNOWN),
    ("FROM node:current-alpine", UNKNOWN),
    ("FROM node:iron-bookworm", UNKNOWN),
    ("FROM node:slim", UNKNOWN),
    (f"FROM node@{DIGEST}", UNKNOWN),
    ("FROM node:22.x", UNKNOWN),
    ("FROM node:22slim", UNKNOWN),
    ("FROM node:23-rc-slim", UNKNOWN),
    ("FROM node:23-alpha.1", UNKNOWN),
    ("FROM node:22.1.0.4", UNKNOWN),
    ("FROM node:20241101", UNKNOWN),
    ("FROM node:bookworm", UNKNOWN),
    ("ARG NODE_VERSION\nFROM node:${NODE_VERSION}", UNKNOWN),
    ("FROM node:${NODE_VERSION:?which}", UNKNOWN),
    ("FROM ${BASE_IMAGE}", UNKNOWN),
    ("FROM node:22 AS build\nFROM ${RUNTIME_IMAGE}", UNKNOWN),
    ("FROM node:22 AS build\nARG V=20\nFROM node:$V", UNKNOWN),
    ("FROM node:22 AS build\nFROM node:20-slim", UNKNOWN),
    ("FROM node:22 AS build\nFROM node:22.11.0-slim", UNKNOWN),
    ("FROM node:22 AS build\nFROM node:slim", UNKNOWN),
    ("FROM", UNKNOWN),
    ("", UNKNOWN),
    ("RUN npm ci\n", UNKNOWN),
    ('{"FROM": "node:22"}', UNKNOWN),
    ("FROM scratch", ABSENT),
    ("FROM python:3.12-slim", ABSENT),
    ("FROM acme/node-base:22", ABSENT),
    ("FROM gcr.io/distroless/nodejs22-debian12", ABSENT),
    ("FROM node-exporter:1.8", ABSENT),
    ("FROM debian:12\nCOPY --from=node:22 /usr/local/bin/node /usr/local/bin/", ABSENT),
    ("# FROM node:22\nFROM alpine:3.20\nRUN apk add nodejs", ABSENT),
)

# A Dockerfile, and the version of the base image of that name.
OTHER_VERSIONS: tuple[tuple[str, str, str], ...] = (
    ("python", "FROM python:3.12.4-slim-bookworm", "3.12.4"),
    ("python", "FROM python:3.12-alpine3.20", "3.12"),
    ("python", "FROM python:3", "3"),
    ("python", "FROM python:3.14.0rc2-slim", UNKNOWN),
    ("python", "FROM python:3.14-rc-slim", UNKNOWN),
    ("python", "FROM python:slim-bookworm", UNKNOWN),
    ("python", "FROM ghcr.io/astral-sh/uv:python3.12-bookworm-slim", ABSENT),
    ("golang", "FROM golang:1.23.4-bookworm AS build\nFROM scratch", "1.23.4"),
    ("golang", "FROM golang:1.23-alpine AS build\nFROM alpine:3.20", "1.23"),
    ("golang", "FROM golang:1.24rc1", UNKNOWN),
    ("golang", "FROM golang:tip-trixie", UNKNOWN),
    ("golang", "FROM cgr.dev/chainguard/go:1.23", ABSENT),
)

# A Dockerfile, and the Debian that it rests on.
SUITES: tuple[tuple[str, str], ...] = (
    ("FROM node:22-bookworm", "bookworm"),
    ("FROM node:22.11.0-bookworm-slim", "bookworm"),
    ("FROM node:22-trixie-slim", "trixie"),
    ("FROM node:bullseye", "bullseye"),
    ("FROM node:lts-trixie-slim", "trixie"),
    ("FROM python:3.12-slim-bookworm", "bookworm"),
    ("FROM python:3.9-slim-buster", "buster"),
    ("FROM python:2.7-stretch", "stretch"),
    ("FROM golang:1.23-bookworm AS build\nFROM scratch", "bookworm"),
    ("FROM golang:1.27-trixie AS build\nFROM debian:trixie-slim", "trixie"),
    ("FROM golang:1.23-bookworm AS build\nFROM gcr.io/distroless/static-debian12:nonroot", "bookworm"),
    ("FROM gcr.io/distroless/nodejs22-debian12", "bookworm"),
    ("FROM gcr.io/distroless/python3-debian11:debug", "bullseye"),
    ("FROM debian:bookworm-slim", "bookworm"),
    ("FROM debian:bookworm-20240110-slim", "bookworm"),
    ("FROM debian:12", "bookworm"),
    ("FROM debian:12-slim", "bookworm"),
    ("FROM debian:12.5", "bookworm"),
    ("FROM debian:13-slim", "trixie"),
    ("FROM debian:11.9-slim", "bullseye"),
    ("FROM buildpack-deps:bookworm-scm", "bookworm"),
    ("FROM ruby:3.3-slim-bookworm", "bookworm"),
    ("FROM mcr.microsoft.com/dotnet/aspnet:8.0-bookworm-slim", "bookworm"),
    ("FROM bitnami/node:22.11.0-debian-12-r3", "bookworm"),
    ("FROM bitnami/minideb:bookworm", "bookworm"),
    (f"FROM registry.acme.example/mirror/node:22-trixie-slim@{DIGEST}", "trixie"),
    ("FROM ${REGISTRY}/node:22-bookworm", "bookworm"),
    ("ARG SUITE=bookworm\nFROM node:22-${SUITE}-slim", "bookworm"),
    ("FROM node:${V}-bookworm-slim", "bookworm"),
    ("FROM ghcr.io/astral-sh/uv:0.5.1 AS uv\nFROM python:3.12-slim-bookworm", "bookworm"),
    ("FROM ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "bookworm"),
    ("FROM node:22-alpine AS build\nFROM node:22-bookworm-slim", "bookworm"),
    ("FROM acme/base:2024-bookworm", "bookworm"),
    ("FROM node:22", UNKNOWN),
    ("FROM node:22-slim", UNKNOWN),
    ("FROM python:3.12-slim", UNKNOWN),
    ("FROM golang:1.23", UNKNOWN),
    ("FROM debian", UNKNOWN),
    ("FROM debian:stable-slim", UNKNOWN),
    ("FROM debian:sid", UNKNOWN),
    ("FROM debian:99", UNKNOWN),
    ("FROM node:40-nextname-slim", UNKNOWN),
    ("FROM acme/base:17", UNKNOWN),
    ("FROM registry.access.redhat.com/ubi9/nodejs-22:1", UNKNOWN),
    ("ARG SUITE\nFROM node:22-${SUITE}", UNKNOWN),
    ("FROM ${BASE}", UNKNOWN),
    ("FROM node:22-bookworm AS build\nFROM ${BASE}", UNKNOWN),
    ("FROM node:22-bookworm AS build\nFROM node:22-slim", UNKNOWN),
    ("FROM acme/base:1-bookworm AS build\nFROM acme/base:2", UNKNOWN),
    ("FROM golang:1.23 AS build\nFROM debian:bookworm-slim", UNKNOWN),
    ("FROM node:22-bookworm AS build\nFROM node:22-trixie-slim", UNKNOWN),
    ("FROM golang:1.23-bookworm AS build\nFROM gcr.io/distroless/base-debian11", UNKNOWN),
    ("FROM", UNKNOWN),
    ("", UNKNOWN),
    ("FROM scratch", ABSENT),
    ("FROM node:22-alpine", ABSENT),
    ("FROM node:22-alpine3.20 AS build\nFROM scratch", ABSENT),
    ("FROM golang:alpine AS build\nFROM busybox:1.36", ABSENT),
    ("FROM ubuntu:24.04", ABSENT),
    ("FROM mcr.microsoft.com/dotnet/aspnet:8.0-jammy-chiseled", ABSENT),
    ("FROM docker.io/library/alpine", ABSENT),
)


def database(image: str, more: str = "") -> str:
    return f"services:\n  app:\n    build: .\n  db:\n    image: {image}\n{more}"


# A Compose file, and the major of its Postgres. tests/formats/postgres_spellings.py has what is read as which major.
SERVERS: tuple[tuple[str, str], ...] = (
    (database("postgres:17"), "17"),
    (database("postgres:17.2"), "17"),
    (database("postgres:17-alpine"), "17"),
    (database("postgres:16.4-bookworm"), "16"),
    (database('"postgres:15"'), "15"),
    (database("'postgres:18beta1'"), "18"),
    (database(f"postgres:17@{DIGEST}"), "17"),
    (database("docker.io/library/postgres:14"), "14"),
    (database("registry.acme.example:5000/mirror/postgres:13"), "13"),
    (database("postgres:${POSTGRES_VERSION:-17}"), "17"),
    (database("${POSTGRES_IMAGE:-postgres:16}"), "16"),
    (database("pgvector/pgvector:pg17"), "17"),
    (database("postgis/postgis:16-3.4"), "16"),
    (database("timescale/timescaledb:2.17.2-pg16"), "16"),
    (database("bitnami/postgresql:16.4.0-debian-12-r0"), "16"),
    (database("&image postgres:17", "  replica:\n    image: *image\n"), "17"),
    (database("postgres:17", "  test:\n    image: postgres:17-alpine\n"), "17"),
    ("services: {db: {image: 'postgres:17'}}", "17"),
    ("x-db: &db {image: postgres:17}\nservices:\n  db:\n    <<: *db\n", "17"),
    ("version: '3'\nservices:\n  db:\n    build:\n      dockerfile_inline: |\n        FROM postgres:17\n", "17"),
    ("# Ours.\r\nservices:\r\n  db:\r\n    image: postgres:17\r\n", "17"),
    (database("postgres:17", "  tool:\n    image: prodrigestivill/postgres-backup-local:14\n"), "17"),
    (database("postgres"), UNKNOWN),
    (database("postgres:latest"), UNKNOWN),
    (database("postgres:alpine"), UNKNOWN),
    (database("postgres:${POSTGRES_VERSION}"), UNKNOWN),
    (database("acme/postgres-with-extras:1.4"), UNKNOWN),
    (database("postgres:17", "  old:\n    image: postgres:15\n"), UNKNOWN),
    (database("postgres:17", "  old:\n    image: postgres\n"), UNKNOWN),
    ("services:\n  db:\n    build: ./postgres\n", UNKNOWN),
    ("include: [db.yaml]\nservices:\n  app:\n    build: .\n", UNKNOWN),
    ("services:\n  db:\n    extends:\n      file: base.yaml\n      service: db\n", UNKNOWN),
    ("services: [", UNKNOWN),
    ("services:\n\tdb: {image: postgres:17}\n", UNKNOWN),
    (database("redis:7"), ABSENT),
    (database("mysql:8"), ABSENT),
    (
        "services:\n  app:\n    build: .\n    environment:\n      DATABASE_URL: postgresql://app@db.prod:5432/app\n",
        ABSENT,
    ),
    ("services: {}\n", ABSENT),
    ("# nothing yet\n", ABSENT),
)


def terraform(family: str, more: str = "") -> str:
    return f'{{"resource": {{"aws_db_parameter_group": {{"main": {{"name": "x", "family": {family}{more}}}}}}}}}'


def cloudformation(family: str) -> str:
    group = f'"Type": "AWS::RDS::DBParameterGroup", "Properties": {{"Description": "x", "Family": {family}}}'
    return f'{{"Resources": {{"Group": {{{group}}}}}}}'


def cli(family: str) -> str:
    return f'{{"create": {{"DBParameterGroupName": "x", "DBParameterGroupFamily": {family}}}, "modify": []}}'


# A file with an RDS parameter group, and the major of its family.
FAMILIES: tuple[tuple[str, str], ...] = (
    *(
        (shape(f'"postgres{major}"'), str(major))
        for shape in (terraform, cloudformation, cli)
        for major in (13, 16, 18)
    ),
    (terraform('"postgres17"', ', "parameter": [{"name": "work_mem", "value": "65536"}]'), "17"),
    (terraform('"postgres17"', ', "lifecycle": {"create_before_destroy": true}, "tags": {"team": "a"}'), "17"),
    (terraform('"postgres17"', ', "parameter": "${local.parameters}"'), "17"),
    ('{"resource": [{"aws_db_parameter_group": [{"main": [{"family": "postgres17"}]}]}]}', "17"),
    ('{"//": "ours", "resource": {"aws_db_parameter_group": {"a": {"family": "postgres16"}}}, "output": {}}', "16"),
    ('{"resource": {"aws_db_instance": {"a": {}}, "aws_db_parameter_group": {"a": {"family": "postgres16"}}}}', "16"),
    (
        '{"resource": {"aws_db_parameter_group": {"a": {"family": "postgres16"}, "b": {"family": "postgres16"}}}}',
        "16",
    ),
    ("\ufeff" + terraform('"postgres17"'), "17"),
    (terraform('"postgres17"').replace(" ", "\r\n"), "17"),
    (terraform('"${var.family}"'), UNKNOWN),
    (terraform('"postgres${var.major}"'), UNKNOWN),
    (terraform("null"), UNKNOWN),
    (terraform("17"), UNKNOWN),
    (terraform('["postgres17"]'), UNKNOWN),
    (terraform('"postgres"'), UNKNOWN),
    (terraform('"postgres9.6"'), UNKNOWN),
    (terraform('"mysql8.0"'), UNKNOWN),
    (terraform('"aurora-postgresql16"'), UNKNOWN),
    (
        '{"resource": {"aws_db_parameter_group": {"a": {"family": "postgres16"}, "b": {"family": "postgres17"}}}}',
        UNKNOWN,
    ),
    ('{"resource": {"aws_db_parameter_group": {"a": {"name": "x"}}}}', UNKNOWN),
    ('{"resource": {"aws_db_parameter_group": {}}}', UNKNOWN),
    ('{"resource": {"aws_rds_cluster_parameter_group": {"a": {"family": "aurora-postgresql16"}}}}', UNKNOWN),
    ('{"module": {"db": {"source": "./db", "family": "postgres16"}}}', UNKNOWN),
    (cloudformation('{"Ref": "Family"}'), UNKNOWN),
    ('{"Resources": {}}', UNKNOWN),
    (cli("null"), UNKNOWN),
    ('{"create": {"DBParameterGroupName": "x"}, "modify": []}', UNKNOWN),
    ("{}", UNKNOWN),
    ("[]", UNKNOWN),
    ("null", UNKNOWN),
    ('"postgres17"', UNKNOWN),
    ("", UNKNOWN),
    ('{"resource": ', UNKNOWN),
    ('resource "aws_db_parameter_group" "main" {\n  family = "postgres17"\n}\n', UNKNOWN),
    ("[" * 100_000, UNKNOWN),
)
