using System.Data.Common;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Elysium.Backend.Hosting;
using Elysium.Backend.Pki;
using Microsoft.EntityFrameworkCore.Storage;

namespace Elysium.Backend.Database.Transfer;

/// <summary>
/// Takes an exported file into an empty database: the file is read once to check all of it, and once to take it, in one transaction, which is
/// committed only when the database gives back what the file has.
/// </summary>
internal sealed class Import(ElysiumDatabase database, KeySealer sealer, TransferProgress progress)
{
    private const int RowsAtOnce = 100;
    private readonly IReadOnlyList<TransferTable> _tables = TransferTable.All(database);

    /// <summary>The root of the CA that the file holds, after a check; null: none.</summary>
    public byte[]? RootPin { get; private set; }

    /// <summary>Reads the whole file and writes nothing: whether it is whole, and whether the sealing keys open what is sealed in it.</summary>
    public async Task<Outcome<TransferContent>> CheckAsync(Stream file, CancellationToken cancellationToken)
    {
        long rows = 0;
        return await new TransferFile(_tables, sealer).ReadAsync(
            file,
            (table, values) =>
            {
                Check(table, values);
                progress.Tell("checking", ++rows);
                return ValueTask.CompletedTask;
            },
            cancellationToken);
    }

    /// <summary>Writes it, all or nothing.</summary>
    public async Task<Outcome<TransferContent>> WriteAsync(Stream file, CancellationToken cancellationToken)
    {
        await using var begun = await database.Database.BeginTransactionAsync(cancellationToken);
        await database.LiftLimitsAsync(cancellationToken);
        var transaction = begun.GetDbTransaction();
        foreach (var table in _tables)
        {
            await using var any = table.Any(transaction.Connection!, transaction);
            if (await any.ExecuteScalarAsync(cancellationToken) is not null)
            {
                return Refused($"the database is not empty (table '{table.Name}' has rows). Import into one that no backend has served from.");
            }
        }

        await using var rows = new RowWriter(transaction, RowsAtOnce);
        long written = 0;
        var read = await new TransferFile(_tables, sealer).ReadAsync(
            file,
            async (table, values) =>
            {
                await rows.AddAsync(table, values, cancellationToken);
                progress.Tell("writing", ++written);
            },
            cancellationToken);
        if (read.Refusal is { } damaged)
        {
            return damaged;
        }

        try
        {
            await rows.FlushAsync(cancellationToken);
        }
        catch (TransferException e)
        {
            return Refused(e.Message);
        }

        foreach (var table in _tables)
        {
            var found = await TableReading.SumAsync(table, transaction, static _ => ValueTask.CompletedTask, progress, cancellationToken);
            if (found != read.Value.Sums[table.Name])
            {
                return Refused($"table '{table.Name}' does not read back as it was written ({found.Rows} rows of {read.Value.Sums[table.Name].Rows}); nothing was kept.");
            }
        }

        await begun.CommitAsync(CancellationToken.None);
        return read;
    }

    private void Check(TransferTable table, object?[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (table.Columns[i].IsSealed && values[i] is byte[] blob)
            {
                try
                {
                    CryptographicOperations.ZeroMemory(sealer.Open(blob, (Guid)Value(table, values, "id")!));
                }
                catch (CryptographicException e)
                {
                    throw new TransferException($"the private key in this row of '{table.Name}' cannot be opened: {e.Message}");
                }
            }
        }

        if (table.Name == "certificate_authorities" && Value(table, values, "role") is AuthorityRole.Root)
        {
            try
            {
                using var root = X509CertificateLoader.LoadCertificate((byte[])Value(table, values, "certificate")!);
                RootPin = AuthorityPair.PinOf(root);
            }
            catch (CryptographicException)
            {
                throw new TransferException("the root's certificate in this row is none");
            }
        }
    }

    private static object? Value(TransferTable table, object?[] values, string column) =>
        values[Array.IndexOf(table.ColumnNames, column)];

    private static Refusal Refused(string detail) => new("import", detail);
}

/// <summary>Inserts rows, many at once.</summary>
internal sealed class RowWriter(DbTransaction transaction, int atOnce) : IAsyncDisposable
{
    private readonly List<object?[]> _waiting = new(atOnce);
    private TransferTable? _table;
    private DbCommand? _full;

    /// <exception cref="TransferException">The database does not take them.</exception>
    public async ValueTask AddAsync(TransferTable table, object?[] values, CancellationToken cancellationToken)
    {
        if (table != _table)
        {
            await FlushAsync(cancellationToken);
            if (_full is not null)
            {
                await _full.DisposeAsync();
            }

            (_table, _full) = (table, null);
        }

        _waiting.Add(values);
        if (_waiting.Count == atOnce)
        {
            _full ??= table.Insert(transaction.Connection!, transaction, atOnce);
            await InsertAsync(_full, cancellationToken);
        }
    }

    /// <exception cref="TransferException">The database does not take them.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_waiting.Count > 0)
        {
            await using var some = _table!.Insert(transaction.Connection!, transaction, _waiting.Count);
            await InsertAsync(some, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_full is not null)
        {
            await _full.DisposeAsync();
        }
    }

    private async Task InsertAsync(DbCommand command, CancellationToken cancellationToken)
    {
        for (var row = 0; row < _waiting.Count; row++)
        {
            for (var column = 0; column < _waiting[row].Length; column++)
            {
                command.Parameters[(row * _waiting[row].Length) + column].Value = _waiting[row][column] ?? DBNull.Value;
            }
        }

        try
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (DbException e) when (!e.IsTransient && e.InnerException is not (IOException or System.Net.Sockets.SocketException or TimeoutException))
        {
            throw new TransferException($"the database does not take this row of '{_table!.Name}', or one of the {_waiting.Count - 1} before it: {e.Message}");
        }

        _waiting.Clear();
    }
}
