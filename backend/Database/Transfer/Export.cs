using System.Buffers;
using System.Data.Common;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Elysium.Backend.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace Elysium.Backend.Database.Transfer;

/// <summary>Writes all tables of a database into one file, from one state of it, row by row.</summary>
internal sealed class Export(ElysiumDatabase database, KeySealer sealer, TransferProgress progress, TimeProvider time)
{
    private readonly IncrementalHash _lines = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Returns what it wrote, table by table.</summary>
    /// <exception cref="CryptographicException">A private key cannot be opened with these sealing keys: nobody could import it.</exception>
    public async Task<OrderedDictionary<string, TableSum>> WriteAsync(Stream file, CancellationToken cancellationToken)
    {
        await using var snapshot = await database.BeginSnapshotAsync(cancellationToken);
        await database.LiftLimitsAsync(cancellationToken);
        var transaction = snapshot.GetDbTransaction();
        var tables = TransferTable.All(database);
        await using var packed = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true);
        await WriteLineAsync(packed, await HeaderAsync(tables, cancellationToken), cancellationToken);
        await packed.FlushAsync(cancellationToken);

        var sums = new OrderedDictionary<string, TableSum>();
        foreach (var table in tables)
        {
            await WriteAsync(packed, TransferFormat.TableLine(table.Name), cancellationToken);
            sums[table.Name] = await TableReading.SumAsync(
                table,
                transaction,
                line => WriteAsync(packed, line, cancellationToken),
                progress,
                cancellationToken);
        }

        await WriteLineAsync(packed, new TransferTrailer(sums, TransferFormat.Seal(sealer.First, _lines)), cancellationToken);
        return sums;
    }

    private async Task<TransferHeader> HeaderAsync(IReadOnlyList<TransferTable> tables, CancellationToken cancellationToken)
    {
        var secrets = await database.Networks.Select(n => new { n.Id, Blob = n.HubPrivateKeySealed }).ToListAsync(cancellationToken);
        secrets.AddRange(await database.Authorities.Where(a => a.PrivateKeySealed != null).Select(a => new { a.Id, Blob = a.PrivateKeySealed! }).ToListAsync(cancellationToken));
        foreach (var secret in secrets)
        {
            // Better told now than on the other machine, when the old one is gone.
            CryptographicOperations.ZeroMemory(sealer.Open(secret.Blob, secret.Id));
        }

        return new TransferHeader(
            TransferFormat.Name,
            TransferFormat.Version,
            HealthEndpoints.Version,
            database.Database.ProviderName!.Contains("Sqlite", StringComparison.Ordinal) ? "SQLite" : "PostgreSQL",
            [.. database.Database.GetMigrations()],
            time.GetUtcNow(),
            sealer.First.Name,
            [.. secrets.Select(secret => KeySealer.KeyOf(secret.Blob)).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
            new OrderedDictionary<string, string[]>(tables.Select(t => KeyValuePair.Create(t.Name, t.ColumnNames))));
    }

    private ValueTask WriteLineAsync<T>(Stream packed, T value, CancellationToken cancellationToken) =>
        WriteAsync(packed, (byte[])[.. JsonSerializer.SerializeToUtf8Bytes(value, TransferFormat.Json), (byte)'\n'], cancellationToken);

    private ValueTask WriteAsync(Stream packed, ReadOnlyMemory<byte> line, CancellationToken cancellationToken)
    {
        _lines.AppendData(line.Span);
        return packed.WriteAsync(line, cancellationToken);
    }
}

/// <summary>Reads a table in the order and in the form of the file.</summary>
internal static class TableReading
{
    public static async Task<TableSum> SumAsync(
        TransferTable table,
        DbTransaction transaction,
        Func<ReadOnlyMemory<byte>, ValueTask> with,
        TransferProgress progress,
        CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var line = new ArrayBufferWriter<byte>();
        await using var json = new Utf8JsonWriter(line);
        await using var select = table.Select(transaction.Connection!, transaction);
        await using var rows = await select.ExecuteReaderAsync(cancellationToken);
        long count = 0;
        while (await rows.ReadAsync(cancellationToken))
        {
            RowLine.Write(json, line, rows, table);
            hash.AppendData(line.WrittenSpan);
            await with(line.WrittenMemory);
            progress.Tell(table.Name, ++count);
        }

        return new TableSum(count, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }
}
