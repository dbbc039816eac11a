using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Elysium.Backend.Database.Transfer;

/// <summary>
/// The file that moves an installation: JSON lines, compressed with gzip. A header; for each table a line that names it and a line a row, an array of the columns that
/// the header names; at last a trailer. What is hashed is the lines as they stand in the file, each with its line feed.
/// </summary>
internal static class TransferFormat
{
    public const string Name = "elysium-export";
    public const int Version = 1;

    /// <summary>No row comes near it; what does is no row, and must not fill the memory.</summary>
    public const int MaxLine = 1 << 20;

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        MaxDepth = 8,
    };

    /// <summary>The line before a table's rows.</summary>
    public static byte[] TableLine(string name) => Encoding.ASCII.GetBytes($"{{\"table\":\"{name}\"}}\n");

    /// <summary>Covers header, rows and all by a key that only the installation has: an edited file is found, also when its sums were made to fit.</summary>
    public static string Seal(SealingKey key, IncrementalHash lines) => Convert.ToHexStringLower(key.Prove(lines.GetCurrentHash()));
}

/// <summary>The first line.</summary>
/// <param name="Format"><see cref="TransferFormat.Name"/>.</param>
/// <param name="Version">Of the format.</param>
/// <param name="Product">The version of elysium-backend that wrote it.</param>
/// <param name="Engine">The engine that it came from.</param>
/// <param name="Migrations">The schema that it came from, in that engine's migrations; for people.</param>
/// <param name="ExportedAt">When.</param>
/// <param name="Key">The sealing key that proves the file.</param>
/// <param name="SealedWith">The sealing keys that its private keys name.</param>
/// <param name="Tables">The tables in the file's order, with the columns of their rows.</param>
internal sealed record TransferHeader(
    string Format,
    int Version,
    string Product,
    string Engine,
    string[] Migrations,
    DateTimeOffset ExportedAt,
    string Key,
    string[] SealedWith,
    OrderedDictionary<string, string[]> Tables);

/// <summary>The last line.</summary>
/// <param name="End">Each table's rows.</param>
/// <param name="Seal"><see cref="TransferFormat.Seal"/>.</param>
internal sealed record TransferTrailer(OrderedDictionary<string, TableSum> End, string Seal);

/// <summary>How many rows, and the SHA-256 over their lines.</summary>
internal sealed record TableSum(long Rows, [property: JsonPropertyName("sha256")] string Sha256);
