using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Elysium.Backend.Database.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class UlaPrefix : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<byte[]>(
                name: "prefix6_address",
                table: "networks",
                type: "BLOB",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "prefix6_length",
                table: "networks",
                type: "INTEGER",
                nullable: true);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "prefix6_address",
                table: "networks");

            migrationBuilder.DropColumn(
                name: "prefix6_length",
                table: "networks");
        }
    }
}
