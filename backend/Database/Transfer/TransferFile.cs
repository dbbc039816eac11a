using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using Elysium.Backend.Hosting;

namespace Elysium.Backend.Database.Transfer;

/// <summary>Reads a file that an export wrote, and believes nothing of it before its last line.</summary>
internal sealed class TransferFile(IReadOnlyList<TransferTable> tables, KeySealer sealer)
{
    /// <summary>
    /// Hands every row out and says what the file holds, or what is wrong with it and in which line. Rows are handed out before the file is proved to be
    /// whole: whoever takes them must be able to take them back.
    /// </summary>
    /// <param name="file">The compressed file, at its beginning.</param>
    /// <param name="take">Takes a row, and throws a <see cref="TransferException"/> when it does not.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<Outcome<TransferContent>> ReadAsync(
        Stream file,
        Func<TransferTable, object?[], ValueTask> take,
        CancellationToken cancellationToken)
    {
        await using var unpacked = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
        var lines = new LineReader(unpacked, TransferFormat.MaxLine);
        try
        {
            var content = await ReadAsync(lines, take, cancellationToken);

            // GZipStream does not miss a missing end: the last four bytes are the length of what was packed (RFC 1952 §2.3.1).
            var length = new byte[4];
            file.Seek(-length.Length, SeekOrigin.End);
            await file.ReadExactlyAsync(length, cancellationToken);
            return BinaryPrimitives.ReadUInt32LittleEndian(length) == (uint)lines.Length
                ? content
                : throw new TransferException("the file goes on behind its end, or its last bytes are missing");
        }
        catch (TransferException e)
        {
            return new Refusal("import", $"line {Math.Max(1, lines.Number)}: {e.Message}");
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return new Refusal("import", $"line {lines.Number + 1}: the file is damaged or cut off, or was never compressed with gzip ({e.Message})");
        }
    }

    private async Task<TransferContent> ReadAsync(LineReader lines, Func<TransferTable, object?[], ValueTask> take, CancellationToken cancellationToken)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var line = await lines.ReadAsync(cancellationToken);
        all.AppendData(line.Span);
        var header = Header(line.Span);
        var key = sealer.Find(header.Key)
            ?? throw new TransferException($"it was exported with sealing key {header.Key}, which {sealer.Source} does not have: put the installation's sealing key file there");

        var sums = new OrderedDictionary<string, TableSum>();
        line = await lines.ReadAsync(cancellationToken);
        foreach (var table in tables)
        {
            if (!line.Span.SequenceEqual(TransferFormat.TableLine(table.Name)))
            {
                throw new TransferException($"table '{table.Name}' should begin here");
            }

            all.AppendData(line.Span);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            long rows = 0;
            while ((line = await lines.ReadAsync(cancellationToken)).Span is [(byte)'[', ..])
            {
                all.AppendData(line.Span);
                hash.AppendData(line.Span);
                await take(table, RowLine.Parse(line.Span, table) ?? throw new TransferException($"it is no row of table '{table.Name}'"));
                rows++;
            }

            sums[table.Name] = new TableSum(rows, Convert.ToHexStringLower(hash.GetHashAndReset()));
        }

        Prove(line.Span, sums, TransferFormat.Seal(key, all));
        return (await lines.ReadAsync(cancellationToken)).IsEmpty
            ? new TransferContent(header, sums)
            : throw new TransferException("the file should have ended before it");
    }

    private TransferHeader Header(ReadOnlySpan<byte> line)
    {
        const string Foreign = "the file was not written by 'elysium-backend export'";
        TransferHeader header;
        try
        {
            // What a newer version writes need not be readable to tell that it is newer.
            var json = new Utf8JsonReader(line);
            using (var any = JsonDocument.ParseValue(ref json))
            {
                if (any.RootElement.ValueKind != JsonValueKind.Object
                    || !any.RootElement.TryGetProperty("format", out var format) || !format.ValueEquals(TransferFormat.Name)
                    || !any.RootElement.TryGetProperty("version", out var version) || !version.TryGetInt32(out var number))
                {
                    throw new TransferException(Foreign);
                }

                if (number != TransferFormat.Version)
                {
                    throw new TransferException($"the file has format {number}, and this version of elysium-backend reads format {TransferFormat.Version}: import it with the version that wrote it");
                }
            }

            header = JsonSerializer.Deserialize<TransferHeader>(line, TransferFormat.Json) ?? throw new TransferException(Foreign);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new TransferException(Foreign);
        }

        if (!header.Tables.Keys.SequenceEqual(tables.Select(t => t.Name)) || tables.Any(t => !header.Tables[t.Name].SequenceEqual(t.ColumnNames)))
        {
            throw new TransferException(
                $"the file has other tables or columns than this version ({HealthEndpoints.Version}), because elysium-backend {header.Product} wrote it: "
                + "export and import with the same version, and upgrade before or after");
        }

        return header;
    }

    private static void Prove(ReadOnlySpan<byte> line, OrderedDictionary<string, TableSum> sums, string seal)
    {
        if (line.IsEmpty)
        {
            throw new TransferException("the file ends here, before its last line: it was cut off");
        }

        TransferTrailer? trailer;
        try
        {
            trailer = JsonSerializer.Deserialize<TransferTrailer>(line, TransferFormat.Json);
        }
        catch (JsonException)
        {
            trailer = null;
        }

        if (trailer is null)
        {
            throw new TransferException("it is neither a row, nor the next table, nor the end of an export");
        }

        foreach (var (table, sum) in sums)
        {
            if (!trailer.End.TryGetValue(table, out var told) || told != sum)
            {
                throw new TransferException($"table '{table}' has {sum.Rows} rows that are not what was exported ({told?.Rows} rows): the file was changed");
            }
        }

        if (trailer.End.Count != sums.Count || !CryptographicOperations.FixedTimeEquals(Convert.FromHexString(seal), Hex(trailer.Seal)))
        {
            throw new TransferException("the seal at the end of the file is not that of its lines: the file was changed");
        }
    }

    private static byte[] Hex(string text)
    {
        try
        {
            return Convert.FromHexString(text);
        }
        catch (FormatException)
        {
            return [];
        }
    }
}

/// <summary>What a file holds, and proved to hold.</summary>
internal sealed record TransferContent(TransferHeader Header, OrderedDictionary<string, TableSum> Sums)
{
    public long Rows => Sums.Values.Sum(s => s.Rows);
}
