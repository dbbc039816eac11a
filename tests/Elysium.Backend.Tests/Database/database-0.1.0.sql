-- What version 0.1.0 left behind after: a network, three machines that joined it, one of them revoked. Made by 'sqlite3 elysium.db .dump', less the API token.
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE IF NOT EXISTS "__EFMigrationsLock" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK___EFMigrationsLock" PRIMARY KEY,
    "Timestamp" TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "migration_id" TEXT NOT NULL CONSTRAINT "pk___ef_migrations_history" PRIMARY KEY,
    "product_version" TEXT NOT NULL
);
INSERT INTO __EFMigrationsHistory VALUES('20261123092725_Initial','10.0.14');
CREATE TABLE IF NOT EXISTS "api_tokens" (
    "id" TEXT NOT NULL CONSTRAINT "pk_api_tokens" PRIMARY KEY,
    "name" TEXT NOT NULL,
    "secret_hash" BLOB NOT NULL,
    "prefix" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "expires_at" INTEGER NULL,
    "created_at" INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS "audit_events" (
    "id" TEXT NOT NULL CONSTRAINT "pk_audit_events" PRIMARY KEY,
    "at" INTEGER NOT NULL,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "network_id" TEXT NULL,
    "peer_id" TEXT NULL,
    "detail" TEXT NOT NULL
);
INSERT INTO audit_events VALUES('01A2085B-A10B-77F2-8121-1A4AEE1F7970',639310333524597840,'api-token:890118d5','network.created','01A2085B-A10B-77E3-92E0-B31BC7FC3311',NULL,'office 10.77.0.0/24 on wg0');
INSERT INTO audit_events VALUES('01A2085B-A34F-7BC4-AB23-470E53E8077B',639310333530392177,'api-token:890118d5','enrollment-token.created','01A2085B-A10B-77E3-92E0-B31BC7FC3311',NULL,'ef157837 for office, 5 uses until 2026-11-24 12:22:33Z');
INSERT INTO audit_events VALUES('01A2085B-A4C9-7920-BF67-B7BAFDFF868C',639310333534176190,'enrollment-token:ef157837','peer.joined','01A2085B-A10B-77E3-92E0-B31BC7FC3311','01A2085B-A4C9-7A92-BA14-589B13845089','alice 10.77.0.2');
INSERT INTO audit_events VALUES('01A2085B-A9EF-7FCD-86A9-7B477BA3F1A3',639310333547352836,'enrollment-token:ef157837','peer.joined','01A2085B-A10B-77E3-92E0-B31BC7FC3311','01A2085B-A9EF-7486-BF87-EED4C576E004','bob 10.77.0.3');
INSERT INTO audit_events VALUES('01A2085B-AB5D-7E7F-AD80-2BCD938288F1',639310333551017043,'enrollment-token:ef157837','peer.joined','01A2085B-A10B-77E3-92E0-B31BC7FC3311','01A2085B-AB5D-7280-A8A1-57D7374A6F8D','carol 10.77.0.4');
INSERT INTO audit_events VALUES('01A2085B-AE8A-7A04-B047-C1D9826DFF9E',639310333559148513,'api-token:890118d5','peer.revoked','01A2085B-A10B-77E3-92E0-B31BC7FC3311','01A2085B-A9EF-7486-BF87-EED4C576E004','bob 10.77.0.3');
CREATE TABLE IF NOT EXISTS "certificates" (
    "serial" TEXT NOT NULL CONSTRAINT "pk_certificates" PRIMARY KEY,
    "network_id" TEXT NOT NULL,
    "peer_id" TEXT NOT NULL,
    "key_hash" BLOB NOT NULL,
    "not_before" INTEGER NOT NULL,
    "not_after" INTEGER NOT NULL,
    "revoked_at" INTEGER NULL
);
INSERT INTO certificates VALUES('798694f42386d212722f14a19707154a','01A2085B-A10B-77E3-92E0-B31BC7FC3311','01A2085B-A4C9-7A92-BA14-589B13845089',X'99ed102350896b2c158e4f6a759a6f4134b20410b46c88d8524635377e2925e0',639310330530000000,639316381530000000,NULL);
INSERT INTO certificates VALUES('580d3ef3046bf9b682b997c95cfb8725','01A2085B-A10B-77E3-92E0-B31BC7FC3311','01A2085B-A9EF-7486-BF87-EED4C576E004',X'c221362743d8cdad7b9c8acf3d8c5c56d917bd36fbf595229b499c81f4f55af5',639310330540000000,639316381540000000,639310333559148513);
INSERT INTO certificates VALUES('7b10414b45f8521c5948a3de8de82727','01A2085B-A10B-77E3-92E0-B31BC7FC3311','01A2085B-AB5D-7280-A8A1-57D7374A6F8D',X'aad655ee32d75645528387ac91a813586223744a0b6633b0ddfd7ae3c1a9bc5b',639310330550000000,639316381550000000,NULL);
CREATE TABLE IF NOT EXISTS "networks" (
    "id" TEXT NOT NULL CONSTRAINT "pk_networks" PRIMARY KEY,
    "name" TEXT NOT NULL,
    "prefix_address" BLOB NOT NULL,
    "prefix_length" INTEGER NOT NULL,
    "interface_index" INTEGER NOT NULL,
    "listen_port" INTEGER NOT NULL,
    "mtu" INTEGER NOT NULL,
    "hub_private_key_sealed" BLOB NOT NULL,
    "hub_public_key" BLOB NOT NULL,
    "version" INTEGER NOT NULL,
    "cursor" INTEGER NOT NULL,
    "created_at" INTEGER NOT NULL
);
INSERT INTO networks VALUES('01A2085B-A10B-77E3-92E0-B31BC7FC3311','office',X'0a4d0000',24,0,51820,1420,X'01a82243682d740a2d766e43e9ef24545b39e76d7dfe1c909c3828633df7e9ef05c5d9c0aecb87cde7fb8416478b7901d3f8c7e450a9028eed0fd6ae48',X'6fd202f785ff8d92c743bec622686c0a0264e8f522f774375767e65b640ad217',5,5,639310333524597840);
CREATE TABLE IF NOT EXISTS "enrollment_tokens" (
    "id" TEXT NOT NULL CONSTRAINT "pk_enrollment_tokens" PRIMARY KEY,
    "network_id" TEXT NOT NULL,
    "secret_hash" BLOB NOT NULL,
    "prefix" TEXT NOT NULL,
    "uses" INTEGER NOT NULL,
    "used" INTEGER NOT NULL,
    "ephemeral" INTEGER NOT NULL,
    "tags" TEXT NOT NULL,
    "expires_at" INTEGER NOT NULL,
    "revoked_at" INTEGER NULL,
    "created_at" INTEGER NOT NULL,
    CONSTRAINT "ck_enrollment_tokens_used" CHECK (used >= 0 AND used <= uses),
    CONSTRAINT "fk_enrollment_tokens_networks_network_id" FOREIGN KEY ("network_id") REFERENCES "networks" ("id") ON DELETE CASCADE
);
INSERT INTO enrollment_tokens VALUES('01A2085B-A34F-7420-BF9D-A857B64A551F','01A2085B-A10B-77E3-92E0-B31BC7FC3311',X'ef1578372109feead52c2c7abec846252097c1fee881a21c30acf5880ac098bf','ef157837',5,3,0,'',639311197530392177,NULL,639310333530392177);
CREATE TABLE IF NOT EXISTS "map_changes" (
    "network_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "peer_id" TEXT NOT NULL,
    "at" INTEGER NOT NULL,
    CONSTRAINT "pk_map_changes" PRIMARY KEY ("network_id", "version"),
    CONSTRAINT "fk_map_changes_networks_network_id" FOREIGN KEY ("network_id") REFERENCES "networks" ("id") ON DELETE CASCADE
);
INSERT INTO map_changes VALUES('01A2085B-A10B-77E3-92E0-B31BC7FC3311',2,'01A2085B-A4C9-7A92-BA14-589B13845089',639310333534176190);
INSERT INTO map_changes VALUES('01A2085B-A10B-77E3-92E0-B31BC7FC3311',3,'01A2085B-A9EF-7486-BF87-EED4C576E004',639310333547352836);
INSERT INTO map_changes VALUES('01A2085B-A10B-77E3-92E0-B31BC7FC3311',4,'01A2085B-AB5D-7280-A8A1-57D7374A6F8D',639310333551017043);
INSERT INTO map_changes VALUES('01A2085B-A10B-77E3-92E0-B31BC7FC3311',5,'01A2085B-A9EF-7486-BF87-EED4C576E004',639310333559148513);
CREATE TABLE IF NOT EXISTS "peers" (
    "id" TEXT NOT NULL CONSTRAINT "pk_peers" PRIMARY KEY,
    "network_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "wire_guard_public_key" BLOB NOT NULL,
    "address" BLOB NOT NULL,
    "certificate_key_hash" BLOB NOT NULL,
    "enrollment_token_id" TEXT NOT NULL,
    "ephemeral" INTEGER NOT NULL,
    "tags" TEXT NOT NULL,
    "created_at" INTEGER NOT NULL,
    CONSTRAINT "fk_peers_networks_network_id" FOREIGN KEY ("network_id") REFERENCES "networks" ("id") ON DELETE CASCADE
);
INSERT INTO peers VALUES('01A2085B-A4C9-7A92-BA14-589B13845089','01A2085B-A10B-77E3-92E0-B31BC7FC3311','alice',X'ad631965d416bbff75900ed5664df8c0e6cbcfa181201949af6fb7b1f26afd30',X'0a4d0002',X'99ed102350896b2c158e4f6a759a6f4134b20410b46c88d8524635377e2925e0','01A2085B-A34F-7420-BF9D-A857B64A551F',0,'',639310333534176190);
INSERT INTO peers VALUES('01A2085B-AB5D-7280-A8A1-57D7374A6F8D','01A2085B-A10B-77E3-92E0-B31BC7FC3311','carol',X'2e2bc529d040207f4072d96018b4ff2f0b8a074e9ed5ec0d817c348472475419',X'0a4d0004',X'aad655ee32d75645528387ac91a813586223744a0b6633b0ddfd7ae3c1a9bc5b','01A2085B-A34F-7420-BF9D-A857B64A551F',0,'',639310333551017043);
CREATE TABLE IF NOT EXISTS "released_addresses" (
    "network_id" TEXT NOT NULL,
    "address" BLOB NOT NULL,
    "released_at" INTEGER NOT NULL,
    CONSTRAINT "pk_released_addresses" PRIMARY KEY ("network_id", "address"),
    CONSTRAINT "fk_released_addresses_networks_network_id" FOREIGN KEY ("network_id") REFERENCES "networks" ("id") ON DELETE CASCADE
);
INSERT INTO released_addresses VALUES('01A2085B-A10B-77E3-92E0-B31BC7FC3311',X'0a4d0003',639310333559148513);
CREATE UNIQUE INDEX "ix_api_tokens_secret_hash" ON "api_tokens" ("secret_hash");
CREATE INDEX "ix_audit_events_at" ON "audit_events" ("at");
CREATE INDEX "ix_certificates_network_id_key_hash" ON "certificates" ("network_id", "key_hash");
CREATE INDEX "ix_certificates_peer_id" ON "certificates" ("peer_id");
CREATE INDEX "ix_enrollment_tokens_network_id" ON "enrollment_tokens" ("network_id");
CREATE INDEX "ix_enrollment_tokens_prefix" ON "enrollment_tokens" ("prefix");
CREATE UNIQUE INDEX "ix_enrollment_tokens_secret_hash" ON "enrollment_tokens" ("secret_hash");
CREATE UNIQUE INDEX "ix_networks_interface_index" ON "networks" ("interface_index");
CREATE UNIQUE INDEX "ix_networks_listen_port" ON "networks" ("listen_port");
CREATE UNIQUE INDEX "ix_networks_name" ON "networks" ("name");
CREATE UNIQUE INDEX "ix_peers_network_id_address" ON "peers" ("network_id", "address");
CREATE UNIQUE INDEX "ix_peers_network_id_certificate_key_hash" ON "peers" ("network_id", "certificate_key_hash");
CREATE UNIQUE INDEX "ix_peers_network_id_name" ON "peers" ("network_id", "name");
CREATE UNIQUE INDEX "ix_peers_network_id_wire_guard_public_key" ON "peers" ("network_id", "wire_guard_public_key");
CREATE INDEX "ix_released_addresses_network_id_released_at" ON "released_addresses" ("network_id", "released_at");
COMMIT;
