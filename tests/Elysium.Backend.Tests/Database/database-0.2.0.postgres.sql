-- PostgreSQL database dump
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
-- Name: __EFMigrationsHistory; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public."__EFMigrationsHistory" (
    migration_id character varying(150) NOT NULL,
    product_version character varying(32) NOT NULL
);
-- Name: api_tokens; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.api_tokens (
    id uuid NOT NULL,
    name text NOT NULL,
    secret_hash bytea NOT NULL,
    prefix text NOT NULL,
    role character varying(16) NOT NULL,
    expires_at bigint,
    created_at bigint NOT NULL
);
-- Name: audit_events; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.audit_events (
    id uuid NOT NULL,
    at bigint NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    network_id uuid,
    peer_id uuid,
    detail text NOT NULL
);
-- Name: certificate_authorities; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.certificate_authorities (
    id uuid NOT NULL,
    role character varying(16) NOT NULL,
    certificate bytea NOT NULL,
    private_key_sealed bytea,
    created_at bigint NOT NULL
);
-- Name: certificates; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.certificates (
    serial character varying(40) NOT NULL,
    network_id uuid NOT NULL,
    peer_id uuid NOT NULL,
    key_hash bytea NOT NULL,
    not_before bigint NOT NULL,
    not_after bigint NOT NULL,
    revoked_at bigint
);
-- Name: enrollment_tokens; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.enrollment_tokens (
    id uuid NOT NULL,
    network_id uuid NOT NULL,
    secret_hash bytea NOT NULL,
    prefix character varying(8) NOT NULL,
    uses integer NOT NULL,
    used integer NOT NULL,
    ephemeral boolean NOT NULL,
    tags text NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint,
    created_at bigint NOT NULL,
    CONSTRAINT ck_enrollment_tokens_used CHECK (((used >= 0) AND (used <= uses)))
);
-- Name: map_changes; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.map_changes (
    network_id uuid NOT NULL,
    version bigint NOT NULL,
    peer_id uuid NOT NULL,
    at bigint NOT NULL
);
-- Name: networks; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.networks (
    id uuid NOT NULL,
    name character varying(63) NOT NULL,
    prefix_address bytea NOT NULL,
    prefix_length integer NOT NULL,
    prefix6_address bytea,
    prefix6_length integer,
    interface_index integer NOT NULL,
    listen_port integer NOT NULL,
    mtu integer NOT NULL,
    hub_private_key_sealed bytea NOT NULL,
    hub_public_key bytea NOT NULL,
    version bigint NOT NULL,
    cursor bigint NOT NULL,
    created_at bigint NOT NULL
);
-- Name: peer_presence; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.peer_presence (
    peer_id uuid NOT NULL,
    stream_id uuid NOT NULL,
    connected boolean NOT NULL,
    seen_at bigint NOT NULL
);
-- Name: peers; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.peers (
    id uuid NOT NULL,
    network_id uuid NOT NULL,
    name character varying(63) NOT NULL,
    wire_guard_public_key bytea NOT NULL,
    address bytea NOT NULL,
    certificate_key_hash bytea NOT NULL,
    enrollment_token_id uuid NOT NULL,
    ephemeral boolean NOT NULL,
    tags text NOT NULL,
    created_at bigint NOT NULL
);
-- Name: released_addresses; Type: TABLE; Schema: public; Owner: -
CREATE TABLE public.released_addresses (
    network_id uuid NOT NULL,
    address bytea NOT NULL,
    released_at bigint NOT NULL
);
-- Data for Name: __EFMigrationsHistory; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public."__EFMigrationsHistory" VALUES ('20261123151302_Initial', '10.0.14');
-- Data for Name: api_tokens; Type: TABLE DATA; Schema: public; Owner: -
-- Data for Name: audit_events; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.audit_events VALUES ('01a20952-d985-7703-9b3e-cca55db2581c', 639310495543090418, 'api-token:dc711640', 'network.created', '01a20952-d985-78ef-89c9-5b79cceef337', NULL, 'office 10.77.0.0/24 on wg0');
INSERT INTO public.audit_events VALUES ('01a20952-db83-7a64-82a4-922c6a088fcf', 639310495548192134, 'api-token:dc711640', 'enrollment-token.created', '01a20952-d985-78ef-89c9-5b79cceef337', NULL, 'f8484a62 for office, 5 uses until 2026-11-24 16:52:34Z');
INSERT INTO public.audit_events VALUES ('01a20952-dcc9-74af-beee-8929452b85d4', 639310495551455883, 'enrollment-token:f8484a62', 'peer.joined', '01a20952-d985-78ef-89c9-5b79cceef337', '01a20952-dcae-7871-bc9c-4acfa6dc7997', 'alice 10.77.0.2');
INSERT INTO public.audit_events VALUES ('01a20952-df1e-7c8e-b57a-15e3ed8552da', 639310495557429310, 'enrollment-token:f8484a62', 'peer.joined', '01a20952-d985-78ef-89c9-5b79cceef337', '01a20952-df1d-7d3f-8795-4676c0b3a409', 'bob 10.77.0.3');
INSERT INTO public.audit_events VALUES ('01a20952-df40-7b8c-bf88-76bc0ba4baa9', 639310495557761983, 'enrollment-token:f8484a62', 'peer.joined', '01a20952-d985-78ef-89c9-5b79cceef337', '01a20952-df3f-7fe4-9fcf-84caf333aac4', 'carol 10.77.0.4');
INSERT INTO public.audit_events VALUES ('01a20952-df7d-7f75-b3d7-f27e880db88c', 639310495558375589, 'api-token:dc711640', 'peer.revoked', '01a20952-d985-78ef-89c9-5b79cceef337', '01a20952-df1d-7d3f-8795-4676c0b3a409', 'bob 10.77.0.3');
-- Data for Name: certificate_authorities; Type: TABLE DATA; Schema: public; Owner: -
-- Data for Name: certificates; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.certificates VALUES ('4fee8dbf355350b6953fdbbe14f100ec', '01a20952-d985-78ef-89c9-5b79cceef337', '01a20952-dcae-7871-bc9c-4acfa6dc7997', '\x9adbcc24a143ab30ccccf46618efb3e4d39993890804860f53c786fdbb4f397c', 639310492550000000, 639316543550000000, NULL);
INSERT INTO public.certificates VALUES ('6c00fc0c4b8c854953c429934f72008d', '01a20952-d985-78ef-89c9-5b79cceef337', '01a20952-df3f-7fe4-9fcf-84caf333aac4', '\xc8fe50c2318268212ef6bfdbb64d53bf7434b5135f673cb454cbe0902fb45703', 639310492550000000, 639316543550000000, NULL);
INSERT INTO public.certificates VALUES ('7f1745be3d17e0be43c4ec5a1b619b2e', '01a20952-d985-78ef-89c9-5b79cceef337', '01a20952-df1d-7d3f-8795-4676c0b3a409', '\x1bfeeea680fde4de8bacd512eb6364fd723cc5a6e6e591721cdc2ce3cd9a903a', 639310492550000000, 639316543550000000, 639310495558375589);
-- Data for Name: enrollment_tokens; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.enrollment_tokens VALUES ('01a20952-db83-7088-9a80-778e7f6700b7', '01a20952-d985-78ef-89c9-5b79cceef337', '\xf8484a62d2b44d16535a9730108d1379ca89e05c989155e9b8e5d15186c91184', 'f8484a62', 5, 3, false, '', 639311359548192134, NULL, 639310495548192134);
-- Data for Name: map_changes; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.map_changes VALUES ('01a20952-d985-78ef-89c9-5b79cceef337', 2, '01a20952-dcae-7871-bc9c-4acfa6dc7997', 639310495551455883);
INSERT INTO public.map_changes VALUES ('01a20952-d985-78ef-89c9-5b79cceef337', 3, '01a20952-df1d-7d3f-8795-4676c0b3a409', 639310495557429310);
INSERT INTO public.map_changes VALUES ('01a20952-d985-78ef-89c9-5b79cceef337', 4, '01a20952-df3f-7fe4-9fcf-84caf333aac4', 639310495557761983);
INSERT INTO public.map_changes VALUES ('01a20952-d985-78ef-89c9-5b79cceef337', 5, '01a20952-df1d-7d3f-8795-4676c0b3a409', 639310495558375589);
-- Data for Name: networks; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.networks VALUES ('01a20952-d985-78ef-89c9-5b79cceef337', 'office', '\x0a4d0000', 24, NULL, NULL, 0, 51820, 1420, '\x023342f07f13e8c73cd2b4c6f73e7bc5335a80d9e71686354a4e5cccd7bebf13d51785074b19beba7a176e45f0cedbf9753429117a67a2c0cc9e3c12714eabee8c', '\x04a2290a08b8295c555312cbeec313d1f5929e109d80d063cdc15e95d69e8040', 5, 5, 639310495543090418);
-- Data for Name: peer_presence; Type: TABLE DATA; Schema: public; Owner: -
-- Data for Name: peers; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.peers VALUES ('01a20952-dcae-7871-bc9c-4acfa6dc7997', '01a20952-d985-78ef-89c9-5b79cceef337', 'alice', '\x58c6157854292bdc194b46273820078868be2ee428ad73a91dd19721041e9c7b', '\x0a4d0002', '\x9adbcc24a143ab30ccccf46618efb3e4d39993890804860f53c786fdbb4f397c', '01a20952-db83-7088-9a80-778e7f6700b7', false, '', 639310495551455883);
INSERT INTO public.peers VALUES ('01a20952-df3f-7fe4-9fcf-84caf333aac4', '01a20952-d985-78ef-89c9-5b79cceef337', 'carol', '\x8e085f68978b1db0e4f6db421cfeec8a4cbd1f85ae4bc86947e94be89ce0b22c', '\x0a4d0004', '\xc8fe50c2318268212ef6bfdbb64d53bf7434b5135f673cb454cbe0902fb45703', '01a20952-db83-7088-9a80-778e7f6700b7', false, '', 639310495557761983);
-- Data for Name: released_addresses; Type: TABLE DATA; Schema: public; Owner: -
INSERT INTO public.released_addresses VALUES ('01a20952-d985-78ef-89c9-5b79cceef337', '\x0a4d0003', 639310495558375589);
-- Name: __EFMigrationsHistory pk___ef_migrations_history; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public."__EFMigrationsHistory"
    ADD CONSTRAINT pk___ef_migrations_history PRIMARY KEY (migration_id);
-- Name: api_tokens pk_api_tokens; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT pk_api_tokens PRIMARY KEY (id);
-- Name: audit_events pk_audit_events; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT pk_audit_events PRIMARY KEY (id);
-- Name: certificate_authorities pk_certificate_authorities; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.certificate_authorities
    ADD CONSTRAINT pk_certificate_authorities PRIMARY KEY (id);
-- Name: certificates pk_certificates; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.certificates
    ADD CONSTRAINT pk_certificates PRIMARY KEY (serial);
-- Name: enrollment_tokens pk_enrollment_tokens; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.enrollment_tokens
    ADD CONSTRAINT pk_enrollment_tokens PRIMARY KEY (id);
-- Name: map_changes pk_map_changes; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.map_changes
    ADD CONSTRAINT pk_map_changes PRIMARY KEY (network_id, version);
-- Name: networks pk_networks; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.networks
    ADD CONSTRAINT pk_networks PRIMARY KEY (id);
-- Name: peer_presence pk_peer_presence; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.peer_presence
    ADD CONSTRAINT pk_peer_presence PRIMARY KEY (peer_id);
-- Name: peers pk_peers; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.peers
    ADD CONSTRAINT pk_peers PRIMARY KEY (id);
-- Name: released_addresses pk_released_addresses; Type: CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.released_addresses
    ADD CONSTRAINT pk_released_addresses PRIMARY KEY (network_id, address);
-- Name: ix_api_tokens_secret_hash; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX ix_api_tokens_secret_hash ON public.api_tokens USING btree (secret_hash);
-- Name: ix_audit_events_at; Type: INDEX; Schema: public; Owner: -
CREATE INDEX ix_audit_events_at ON public.audit_events USING btree (at);
-- Name: ix_certificates_network_id_key_hash; Type: INDEX; Schema: public; Owner: -
CREATE INDEX ix_certificates_network_id_key_hash ON public.certificates USING btree (network_id, key_hash);
-- Name: ix_certificates_peer_id; Type: INDEX; Schema: public; Owner: -
CREATE INDEX ix_certificates_peer_id ON public.certificates USING btree (peer_id);
-- Name: ix_enrollment_tokens_network_id; Type: INDEX; Schema: public; Owner: -
CREATE INDEX ix_enrollment_tokens_network_id ON public.enrollment_tokens USING btree (network_id);
-- Name: ix_enrollment_tokens_prefix; Type: INDEX; Schema: public; Owner: -
CREATE INDEX ix_enrollment_tokens_prefix ON public.enrollment_tokens USING btree (prefix);
-- Name: ix_enrollment_tokens_secret_hash; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX ix_enrollment_tokens_secret_hash ON public.enrollment_tokens USING btree (secret_hash);
-- Name: ix_networks_interface_index; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX ix_networks_interface_index ON public.networks USING btree (interface_index);
-- Name: ix_networks_listen_port; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX ix_networks_listen_port ON public.networks USING btree (listen_port);
-- Name: ix_networks_name; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX ix_networks_name ON public.networks USING btree (name);
-- Name: ix_peers_network_id_address; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX ix_peers_network_id_address ON public.peers USING btree (network_id, address);
-- Name: ix_peers_network_id_certificate_key_hash; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX ix_peers_network_id_certificate_key_hash ON public.peers USING btree (network_id, certificate_key_hash);
-- Name: ix_peers_network_id_name; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX ix_peers_network_id_name ON public.peers USING btree (network_id, name);
-- Name: ix_peers_network_id_wire_guard_public_key; Type: INDEX; Schema: public; Owner: -
CREATE UNIQUE INDEX ix_peers_network_id_wire_guard_public_key ON public.peers USING btree (network_id, wire_guard_public_key);
-- Name: ix_released_addresses_network_id_released_at; Type: INDEX; Schema: public; Owner: -
CREATE INDEX ix_released_addresses_network_id_released_at ON public.released_addresses USING btree (network_id, released_at);
-- Name: enrollment_tokens fk_enrollment_tokens_networks_network_id; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.enrollment_tokens
    ADD CONSTRAINT fk_enrollment_tokens_networks_network_id FOREIGN KEY (network_id) REFERENCES public.networks(id) ON DELETE CASCADE;
-- Name: map_changes fk_map_changes_networks_network_id; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.map_changes
    ADD CONSTRAINT fk_map_changes_networks_network_id FOREIGN KEY (network_id) REFERENCES public.networks(id) ON DELETE CASCADE;
-- Name: peer_presence fk_peer_presence_peers_peer_id; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.peer_presence
    ADD CONSTRAINT fk_peer_presence_peers_peer_id FOREIGN KEY (peer_id) REFERENCES public.peers(id) ON DELETE CASCADE;
-- Name: peers fk_peers_networks_network_id; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.peers
    ADD CONSTRAINT fk_peers_networks_network_id FOREIGN KEY (network_id) REFERENCES public.networks(id) ON DELETE CASCADE;
-- Name: released_addresses fk_released_addresses_networks_network_id; Type: FK CONSTRAINT; Schema: public; Owner: -
ALTER TABLE ONLY public.released_addresses
    ADD CONSTRAINT fk_released_addresses_networks_network_id FOREIGN KEY (network_id) REFERENCES public.networks(id) ON DELETE CASCADE;
-- PostgreSQL database dump complete
