using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Elysium.Backend.Database.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "api_tokens",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "text", nullable: false),
                    secret_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    prefix = table.Column<string>(type: "text", nullable: false),
                    role = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    expires_at = table.Column<long>(type: "bigint", nullable: true),
                    created_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_api_tokens", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "audit_events",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<long>(type: "bigint", nullable: false),
                    actor = table.Column<string>(type: "text", nullable: false),
                    action = table.Column<string>(type: "text", nullable: false),
                    network_id = table.Column<Guid>(type: "uuid", nullable: true),
                    peer_id = table.Column<Guid>(type: "uuid", nullable: true),
                    detail = table.Column<string>(type: "text", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_audit_events", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "certificate_authorities",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    role = table.Column<string>(type: "character varying(16)", maxLength: 16, nullable: false),
                    certificate = table.Column<byte[]>(type: "bytea", nullable: false),
                    private_key_sealed = table.Column<byte[]>(type: "bytea", nullable: true),
                    created_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_certificate_authorities", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "certificates",
                columns: table => new
                {
                    serial = table.Column<string>(type: "character varying(40)", maxLength: 40, nullable: false),
                    network_id = table.Column<Guid>(type: "uuid", nullable: false),
                    peer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    key_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    not_before = table.Column<long>(type: "bigint", nullable: false),
                    not_after = table.Column<long>(type: "bigint", nullable: false),
                    revoked_at = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_certificates", x => x.serial);
                });

            migrationBuilder.CreateTable(
                name: "networks",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    prefix_address = table.Column<byte[]>(type: "bytea", nullable: false),
                    prefix_length = table.Column<int>(type: "integer", nullable: false),
                    prefix6_address = table.Column<byte[]>(type: "bytea", nullable: true),
                    prefix6_length = table.Column<int>(type: "integer", nullable: true),
                    interface_index = table.Column<int>(type: "integer", nullable: false),
                    listen_port = table.Column<int>(type: "integer", nullable: false),
                    mtu = table.Column<int>(type: "integer", nullable: false),
                    hub_private_key_sealed = table.Column<byte[]>(type: "bytea", nullable: false),
                    hub_public_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    cursor = table.Column<long>(type: "bigint", nullable: false),
                    created_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_networks", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "enrollment_tokens",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    network_id = table.Column<Guid>(type: "uuid", nullable: false),
                    secret_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    prefix = table.Column<string>(type: "character varying(8)", maxLength: 8, nullable: false),
                    uses = table.Column<int>(type: "integer", nullable: false),
                    used = table.Column<int>(type: "integer", nullable: false),
                    ephemeral = table.Column<bool>(type: "boolean", nullable: false),
                    tags = table.Column<string>(type: "text", nullable: false),
                    expires_at = table.Column<long>(type: "bigint", nullable: false),
                    revoked_at = table.Column<long>(type: "bigint", nullable: true),
                    created_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_enrollment_tokens", x => x.id);
                    table.CheckConstraint("ck_enrollment_tokens_used", "used >= 0 AND used <= uses");
                    table.ForeignKey(
                        name: "fk_enrollment_tokens_networks_network_id",
                        column: x => x.network_id,
                        principalTable: "networks",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "map_changes",
                columns: table => new
                {
                    network_id = table.Column<Guid>(type: "uuid", nullable: false),
                    version = table.Column<long>(type: "bigint", nullable: false),
                    peer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_map_changes", x => new { x.network_id, x.version });
                    table.ForeignKey(
                        name: "fk_map_changes_networks_network_id",
                        column: x => x.network_id,
                        principalTable: "networks",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "peers",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "uuid", nullable: false),
                    network_id = table.Column<Guid>(type: "uuid", nullable: false),
                    name = table.Column<string>(type: "character varying(63)", maxLength: 63, nullable: false),
                    wire_guard_public_key = table.Column<byte[]>(type: "bytea", nullable: false),
                    address = table.Column<byte[]>(type: "bytea", nullable: false),
                    certificate_key_hash = table.Column<byte[]>(type: "bytea", nullable: false),
                    enrollment_token_id = table.Column<Guid>(type: "uuid", nullable: false),
                    ephemeral = table.Column<bool>(type: "boolean", nullable: false),
                    tags = table.Column<string>(type: "text", nullable: false),
                    created_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_peers", x => x.id);
                    table.ForeignKey(
                        name: "fk_peers_networks_network_id",
                        column: x => x.network_id,
                        principalTable: "networks",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "released_addresses",
                columns: table => new
                {
                    network_id = table.Column<Guid>(type: "uuid", nullable: false),
                    address = table.Column<byte[]>(type: "bytea", nullable: false),
                    released_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_released_addresses", x => new { x.network_id, x.address });
                    table.ForeignKey(
                        name: "fk_released_addresses_networks_network_id",
                        column: x => x.network_id,
                        principalTable: "networks",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "peer_presence",
                columns: table => new
                {
                    peer_id = table.Column<Guid>(type: "uuid", nullable: false),
                    stream_id = table.Column<Guid>(type: "uuid", nullable: false),
                    connected = table.Column<bool>(type: "boolean", nullable: false),
                    seen_at = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_peer_presence", x => x.peer_id);
                    table.ForeignKey(
                        name: "fk_peer_presence_peers_peer_id",
                        column: x => x.peer_id,
                        principalTable: "peers",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "ix_api_tokens_secret_hash",
                table: "api_tokens",
                column: "secret_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_audit_events_at",
                table: "audit_events",
                column: "at");

            migrationBuilder.CreateIndex(
                name: "ix_certificates_network_id_key_hash",
                table: "certificates",
                columns: new[] { "network_id", "key_hash" });

            migrationBuilder.CreateIndex(
                name: "ix_certificates_peer_id",
                table: "certificates",
                column: "peer_id");

            migrationBuilder.CreateIndex(
                name: "ix_enrollment_tokens_network_id",
                table: "enrollment_tokens",
                column: "network_id");

            migrationBuilder.CreateIndex(
                name: "ix_enrollment_tokens_prefix",
                table: "enrollment_tokens",
                column: "prefix");

            migrationBuilder.CreateIndex(
                name: "ix_enrollment_tokens_secret_hash",
                table: "enrollment_tokens",
                column: "secret_hash",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_networks_interface_index",
                table: "networks",
                column: "interface_index",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_networks_listen_port",
                table: "networks",
                column: "listen_port",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_networks_name",
                table: "networks",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_peers_network_id_address",
                table: "peers",
                columns: new[] { "network_id", "address" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_peers_network_id_certificate_key_hash",
                table: "peers",
                columns: new[] { "network_id", "certificate_key_hash" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_peers_network_id_name",
                table: "peers",
                columns: new[] { "network_id", "name" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_peers_network_id_wire_guard_public_key",
                table: "peers",
                columns: new[] { "network_id", "wire_guard_public_key" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "ix_released_addresses_network_id_released_at",
                table: "released_addresses",
                columns: new[] { "network_id", "released_at" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "api_tokens");

            migrationBuilder.DropTable(
                name: "audit_events");

            migrationBuilder.DropTable(
                name: "certificate_authorities");

            migrationBuilder.DropTable(
                name: "certificates");

            migrationBuilder.DropTable(
                name: "enrollment_tokens");

            migrationBuilder.DropTable(
                name: "map_changes");

            migrationBuilder.DropTable(
                name: "peer_presence");

            migrationBuilder.DropTable(
                name: "released_addresses");

            migrationBuilder.DropTable(
                name: "peers");

            migrationBuilder.DropTable(
                name: "networks");
        }
    }
}
