using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Elysium.Backend.Database.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class PresenceAndAuthorities : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "certificate_authorities",
                columns: table => new
                {
                    id = table.Column<Guid>(type: "TEXT", nullable: false),
                    role = table.Column<string>(type: "TEXT", maxLength: 16, nullable: false),
                    certificate = table.Column<byte[]>(type: "BLOB", nullable: false),
                    private_key_sealed = table.Column<byte[]>(type: "BLOB", nullable: true),
                    created_at = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("pk_certificate_authorities", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "peer_presence",
                columns: table => new
                {
                    peer_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    stream_id = table.Column<Guid>(type: "TEXT", nullable: false),
                    connected = table.Column<bool>(type: "INTEGER", nullable: false),
                    seen_at = table.Column<long>(type: "INTEGER", nullable: false)
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
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "certificate_authorities");

            migrationBuilder.DropTable(
                name: "peer_presence");
        }
    }
}
