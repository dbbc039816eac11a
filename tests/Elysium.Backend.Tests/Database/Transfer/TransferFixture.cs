using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Elysium.Backend.Database;
using Elysium.Backend.Database.Transfer;
using Elysium.Lab.Postgres;

namespace Elysium.Backend.Tests.Database.Transfer;

/// <summary>An installation with something in every table, the databases to move it between, and what one can do to a file.</summary>
public sealed class TransferFixture : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("elysium-transfer-test-").FullName;
    private TestBackend _source = null!;
    private PostgresServer _server = null!;
    private int _count;

    internal TestBackend Source => _source;

    internal KeySealer Sealer { get; private set; } = null!;

    internal TestPeer Alice { get; private set; } = null!;

    internal byte[] File { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await PostgresServer.CreateAsync(new PostgresOptions { Durable = false });
        _source = await TestBackend.StartAsync();
        Sealer = SealingKeyFile.Read(_source.Options.SealingKeyPath).Value;
        await _source.CreateNetworkAsync();
        await _source.CreateNetworkAsync("both", "10.78.0.0/24", "fd12:3456:789a::/64");
        await _source.CreateNetworkAsync("gone", "10.79.0.0/24");
        (await _source.Admin.DeleteAsync("/v1/networks/gone")).EnsureSuccessStatusCode();
        Alice = await _source.JoinAsync("alice");
        await _source.JoinAsync("bob");
        var carol = await _source.JoinAsync("carol", await _source.CreateCodeAsync("both", 7));
        (await _source.Admin.DeleteAsync($"/v1/networks/home/peers/bob")).EnsureSuccessStatusCode();
        await _source.QueryAsync(async d =>
        {
            d.Presence.Add(new() { PeerId = carol.Id, StreamId = Guid.CreateVersion7(DateTimeOffset.UnixEpoch), Connected = true, SeenAt = DateTimeOffset.UnixEpoch });
            d.ApiTokens.Add(new()
            {
                Id = Guid.CreateVersion7(DateTimeOffset.UnixEpoch),
                Name = "Ünïcode \"🐘\" \\ \t \u001f <b>",
                SecretHash = new byte[32],
                Prefix = "x",
                Role = "auditor",
                CreatedAt = DateTimeOffset.MaxValue,
            });
            return await d.SaveChangesAsync();
        });
        File = await ExportAsync(_source);
    }

    public async ValueTask DisposeAsync()
    {
        Sealer.Dispose();
        await _source.DisposeAsync();
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    internal async Task<byte[]> ExportAsync(TestBackend backend) =>
        await backend.QueryAsync(database => ExportAsync(database, Sealer));

    internal static async Task<byte[]> ExportAsync(ElysiumDatabase database, KeySealer sealer)
    {
        var file = new MemoryStream();
        await new Export(database, sealer, new TransferProgress(TextWriter.Null, "", TimeProvider.System), TimeProvider.System).WriteAsync(file, CancellationToken.None);
        return file.ToArray();
    }

    internal static Import Import(ElysiumDatabase database, KeySealer sealer) =>
        new(database, sealer, new TransferProgress(TextWriter.Null, "", TimeProvider.System));

    /// <summary>What the check of a file says; null: it is good.</summary>
    internal async Task<string?> CheckAsync(byte[] file, KeySealer? sealer = null) =>
        await _source.QueryAsync(async d => (await Import(d, sealer ?? Sealer).CheckAsync(new MemoryStream(file), CancellationToken.None)).Refusal?.Detail);

    internal string SqlitePath() => Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, $"{++_count}")).FullName, "elysium.db");

    internal async Task<DatabaseOptions> PostgresAsync() => TestEngine.Options(_server, await _server.CreateDatabaseAsync($"transfer{++_count}"));

    internal static byte[] Pack(IEnumerable<string> lines) => Pack(string.Concat(lines.Select(line => line + "\n")));

    internal static byte[] Pack(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }

    internal static List<string> Lines(byte[] file)
    {
        using var gzip = new GZipStream(new MemoryStream(file), CompressionMode.Decompress);
        return [.. new StreamReader(gzip).ReadToEnd().TrimEnd('\n').Split('\n')];
    }

    /// <summary>A file of these lines with a last line that fits them, as whoever has the sealing key could make it.</summary>
    internal byte[] Forge(List<string> lines, SealingKey? key = null)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var sums = new OrderedDictionary<string, TableSum>();
        var rows = new List<string>();
        string? table = null;
        foreach (var line in lines[..^1])
        {
            all.AppendData(Encoding.UTF8.GetBytes(line + "\n"));
            if (line.StartsWith("{\"table\":", StringComparison.Ordinal))
            {
                Close();
                table = JsonDocument.Parse(line).RootElement.GetProperty("table").GetString();
            }
            else if (table is not null)
            {
                rows.Add(line);
            }
        }

        Close();
        return Pack([.. lines[..^1], JsonSerializer.Serialize(new TransferTrailer(sums, TransferFormat.Seal(key ?? Sealer.First, all)), TransferFormat.Json)]);

        void Close()
        {
            if (table is not null)
            {
                sums[table] = new TableSum(rows.Count, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(rows.Select(row => row + "\n"))))));
                rows.Clear();
            }
        }
    }
}
