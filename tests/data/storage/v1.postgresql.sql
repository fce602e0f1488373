--
-- PostgreSQL database dump
--


-- Dumped from database version 15.20 (Debian 15.20-0+deb12u1)
-- Dumped by pg_dump version 15.20 (Debian 15.20-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: api_keys; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.api_keys (
    id text NOT NULL COLLATE pg_catalog."C",
    project text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    sealed_secret text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    last_used_at_ms bigint,
    revoked_at_ms bigint
);


--
-- Name: event_cursors; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.event_cursors (
    reader text NOT NULL COLLATE pg_catalog."C",
    "position" bigint NOT NULL
);


--
-- Name: events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events (
    "position" bigint NOT NULL,
    public_id text NOT NULL COLLATE pg_catalog."C",
    project text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    resource text NOT NULL COLLATE pg_catalog."C",
    sequence bigint NOT NULL,
    at_ms bigint NOT NULL,
    data text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: log_head; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.log_head (
    id bigint NOT NULL,
    "position" bigint NOT NULL,
    CONSTRAINT log_head_id_check CHECK ((id = 1))
);


--
-- Name: master_key_checks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.master_key_checks (
    key_number bigint NOT NULL,
    sealed text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: participants; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.participants (
    sid text NOT NULL COLLATE pg_catalog."C",
    room text NOT NULL COLLATE pg_catalog."C",
    identity text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    snapshot text NOT NULL COLLATE pg_catalog."C",
    joined_at_ms bigint NOT NULL,
    active_at_ms bigint,
    left_at_ms bigint,
    leave_reason text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: projects; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.projects (
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL
);


--
-- Name: rooms; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rooms (
    sid text NOT NULL COLLATE pg_catalog."C",
    project text NOT NULL COLLATE pg_catalog."C",
    node text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    snapshot text NOT NULL COLLATE pg_catalog."C",
    created_at_ms bigint NOT NULL,
    finished_at_ms bigint,
    finish_reason text NOT NULL COLLATE pg_catalog."C"
);


--
-- Name: schema_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.schema_version (
    number bigint NOT NULL,
    name text NOT NULL COLLATE pg_catalog."C",
    applied_at_ms bigint NOT NULL
);


--
-- Name: tracks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tracks (
    sid text NOT NULL COLLATE pg_catalog."C",
    room text NOT NULL COLLATE pg_catalog."C",
    participant text NOT NULL COLLATE pg_catalog."C",
    snapshot text NOT NULL COLLATE pg_catalog."C",
    published_at_ms bigint NOT NULL,
    unpublished_at_ms bigint
);


--
-- Data for Name: api_keys; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.api_keys VALUES ('APIone', 'acme', 'Key APIone', '1:-roe_t1k3vbDQW4kr74nmB9xLMTsUUZWfTDnoG-xXp3KB4Y7dqVqsDv6OY8E9efRVLHl9a1tCpk', 1790000000002, 1790000060000, NULL);
INSERT INTO public.api_keys VALUES ('APItwo', 'acme', 'Key APItwo', '1:eiyeXKuUkdJn4q8Nhgf1Y_MlWDLyevmd-bXA291nR-V43qGJjGOzSZvd7tMNCEihmS-CklGKA5E', 1790000001000, NULL, 1790000070000);


--
-- Data for Name: event_cursors; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.event_cursors VALUES ('webhooks', 4);


--
-- Data for Name: events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.events VALUES (1, 'EV_7ep5P3dcxftv', 'acme', 'project.created', 'acme', 1, 1790000000006, '{"n":"ё"}');
INSERT INTO public.events VALUES (2, 'EV_KBTELjAeuVKt', 'acme', 'api_key.created', 'APIone', 1, 1790000000006, '{"n":"ё"}');
INSERT INTO public.events VALUES (3, 'EV_236iNaFRVfWj', 'acme', 'api_key.created', 'APItwo', 1, 1790000000006, '{"n":"ё"}');
INSERT INTO public.events VALUES (4, 'EV_VTkRW2ZdagYN', 'acme', 'room.started', 'RM_open', 1, 1790000000006, '{"n":"ё"}');
INSERT INTO public.events VALUES (5, 'EV_4aseQMqEKgzm', 'acme', 'participant.joined', 'RM_open', 2, 1790000000006, '{"n":"ё"}');
INSERT INTO public.events VALUES (6, 'EV_KuVaUWCwTBUn', 'acme', 'track.published', 'RM_open', 3, 1790000000006, '{"n":"ё"}');


--
-- Data for Name: log_head; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.log_head VALUES (1, 6);


--
-- Data for Name: master_key_checks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.master_key_checks VALUES (1, '1:Dh9wbUUJqYZBP_s80brxle-9KbsVWIgdvT_pXef4R9xM60H3l4QggF1Auxrwvbum3QuphqP0h45Cgg');


--
-- Data for Name: participants; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.participants VALUES ('PA_open', 'RM_open', 'identity of PA_open', 'Ольга', '{"state":"joined"}', 1790000000004, NULL, NULL, '');


--
-- Data for Name: projects; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.projects VALUES ('acme', 'Acme «видео»', 1790000000001);


--
-- Data for Name: rooms; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.rooms VALUES ('RM_done', 'acme', 'node-1', 'room of RM_done', '{"metadata":"m"}', 1790000000003, 1790000005000, 'empty');
INSERT INTO public.rooms VALUES ('RM_open', 'acme', 'node-1', 'room of RM_open', '{"metadata":"m"}', 1790000000003, NULL, '');


--
-- Data for Name: schema_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.schema_version VALUES (1, 'first call: projects, keys, events, rooms', 1790000000000);


--
-- Data for Name: tracks; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.tracks VALUES ('TR_open', 'RM_open', 'PA_open', '{"kind":"audio"}', 1790000000005, NULL);


--
-- Name: api_keys api_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);


--
-- Name: event_cursors event_cursors_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.event_cursors
    ADD CONSTRAINT event_cursors_pkey PRIMARY KEY (reader);


--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY ("position");


--
-- Name: events events_project_resource_sequence_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_project_resource_sequence_key UNIQUE (project, resource, sequence);


--
-- Name: events events_public_id_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_public_id_key UNIQUE (public_id);


--
-- Name: log_head log_head_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.log_head
    ADD CONSTRAINT log_head_pkey PRIMARY KEY (id);


--
-- Name: master_key_checks master_key_checks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.master_key_checks
    ADD CONSTRAINT master_key_checks_pkey PRIMARY KEY (key_number);


--
-- Name: participants participants_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.participants
    ADD CONSTRAINT participants_pkey PRIMARY KEY (sid);


--
-- Name: projects projects_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.projects
    ADD CONSTRAINT projects_pkey PRIMARY KEY (id);


--
-- Name: rooms rooms_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_pkey PRIMARY KEY (sid);


--
-- Name: schema_version schema_version_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.schema_version
    ADD CONSTRAINT schema_version_pkey PRIMARY KEY (number);


--
-- Name: tracks tracks_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_pkey PRIMARY KEY (sid);


--
-- Name: api_keys_by_project; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX api_keys_by_project ON public.api_keys USING btree (project);


--
-- Name: events_by_project; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX events_by_project ON public.events USING btree (project, "position");


--
-- Name: participants_by_room; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX participants_by_room ON public.participants USING btree (room, joined_at_ms, sid);


--
-- Name: participants_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX participants_open ON public.participants USING btree (room) WHERE (left_at_ms IS NULL);


--
-- Name: rooms_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX rooms_by_age ON public.rooms USING btree (project, created_at_ms, sid);


--
-- Name: rooms_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX rooms_open ON public.rooms USING btree (node) WHERE (finished_at_ms IS NULL);


--
-- Name: tracks_by_room; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tracks_by_room ON public.tracks USING btree (room, published_at_ms, sid);


--
-- Name: tracks_open; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX tracks_open ON public.tracks USING btree (room) WHERE (unpublished_at_ms IS NULL);


--
-- Name: api_keys api_keys_project_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_project_fkey FOREIGN KEY (project) REFERENCES public.projects(id);


--
-- Name: events events_project_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_project_fkey FOREIGN KEY (project) REFERENCES public.projects(id);


--
-- Name: participants participants_room_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.participants
    ADD CONSTRAINT participants_room_fkey FOREIGN KEY (room) REFERENCES public.rooms(sid);


--
-- Name: rooms rooms_project_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rooms
    ADD CONSTRAINT rooms_project_fkey FOREIGN KEY (project) REFERENCES public.projects(id);


--
-- Name: tracks tracks_participant_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_participant_fkey FOREIGN KEY (participant) REFERENCES public.participants(sid);


--
-- Name: tracks tracks_room_fkey; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracks
    ADD CONSTRAINT tracks_room_fkey FOREIGN KEY (room) REFERENCES public.rooms(sid);


--
-- PostgreSQL database dump complete
--


