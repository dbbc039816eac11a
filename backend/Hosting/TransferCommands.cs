using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Elysium.Backend.Database;
using Elysium.Backend.Database.Transfer;
using Elysium.Backend.Pki;
using Elysium.Linux;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Hosting;

/// <summary><c>elysium-backend export FILE</c>: everything that the database holds, into one new file. The backend may run meanwhile.</summary>
internal static class ExportCommand
{
    public static async Task<int> RunAsync(BackendOptions options, string path, TimeProvider time)
    {
        var keys = SealingKeyFile.Read(options.SealingKeyPath);
        if (keys.Refusal is { } noKeys)
        {
            return Verbs.Fail(noKeys.Detail);
        }

        using var sealer = keys.Value;
        using var loggers = BackendLogging.Create(options, time);
        await using var engine = DatabaseEngine.Open(options, loggers, time);
        if (await RunningDatabase.ProblemAsync(engine, options) is { } problem)
        {
            return Verbs.Fail(problem);
        }

        path = Path.GetFullPath(path);
        FileStream file;
        try
        {
            // New, and no link: what is exported must not end up where somebody else can read it.
            file = new FileStream(
                path,
                new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Verbs.Fail($"{path} cannot be made: {e.Message} Name a file that is not there yet.");
        }

        try
        {
            OrderedDictionary<string, TableSum> sums;
            await using (file)
            {
                await using var database = engine.CreateDbContext();
                sums = await new Export(database, sealer, new TransferProgress(Console.Error, "export", time), time).WriteAsync(file, CancellationToken.None);
                file.Flush(flushToDisk: true);
            }

            Durability.SyncDirectory(Path.GetDirectoryName(path)!);
            TransferReport.Print(sums);
            Console.WriteLine(
                $"""
                Exported to {path}. Its private keys are sealed, but its rows tell who is in the networks: keep it as you keep the database.
                What the file does not hold, and an import needs: the sealing keys, {options.SealingKeyPath}.
                """);
            return 0;
        }
        catch (CryptographicException e)
        {
            File.Delete(path);
            return Verbs.Fail($"Nothing was exported, a private key in the database cannot be opened: {e.Message}");
        }
        catch (Exception e) when (e is DbException or IOException or DbUpdateException or InvalidOperationException { InnerException: DbException })
        {
            // Half a file is no export.
            File.Delete(path);
            return Verbs.Fail($"The export failed: {e.Message}");
        }
    }
}

/// <summary><c>elysium-backend import FILE</c>: an exported file into an empty database, all of it or nothing.</summary>
internal static class ImportCommand
{
    /// <summary>Its commit may have been done and not answered.</summary>
    private const string Again = "Run it again: it says when the database is not empty, and has imported all then.";

    public static async Task<int> RunAsync(BackendOptions options, string path, TimeProvider time)
    {
        var taken = DataDirectory.Take(options.DataDirectory);
        if (taken.Refusal is { } notOurs)
        {
            return Verbs.Fail(notOurs.Detail);
        }

        using var data = taken.Value;
        var keys = SealingKeyFile.Read(options.SealingKeyPath);
        if (keys.Refusal is { } noKeys)
        {
            return Verbs.Fail(noKeys.Detail);
        }

        using var sealer = keys.Value;
        using var loggers = BackendLogging.Create(options, time);
        await using var engine = DatabaseEngine.Open(options, loggers, time);
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            if (!file.CanSeek)
            {
                return Verbs.Fail($"{path} is no file on a disk, and an import reads it twice.");
            }

            var outcome = await RunAsync(engine, sealer, new AuthorityFolder(data.Pki), file, time);
            if (outcome.Refusal is { } refusal)
            {
                return Verbs.Fail(refusal.Code switch
                {
                    "import" => $"{path} was not imported, nothing was changed: {refusal.Detail}",
                    "database" => $"{refusal.Detail} {Again}",
                    _ => refusal.Detail,
                });
            }

            TransferReport.Print(outcome.Value.Sums);
            Console.WriteLine(
                $"""
                Imported into {engine.Name}, read back and compared.
                To be moved by hand: the sealing keys to every backend ({options.SealingKeyPath} is the file that was used);
                pki/root.key of the old data folder to a safe place, nothing needs it to run; its admin-token, if you still use it.
                Start no backend on the old database any more: two would give out the same addresses.
                """);
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Verbs.Fail($"{path} cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is DbException or InvalidOperationException { InnerException: DbException })
        {
            return Verbs.Fail($"The import failed: {e.Message} {Again}");
        }
    }

    private static async Task<Outcome<TransferContent>> RunAsync(DatabaseEngine engine, KeySealer sealer, AuthorityFolder folder, FileStream file, TimeProvider time)
    {
        var progress = new TransferProgress(Console.Error, "import", time);

        // Before the database is so much as opened.
        await using (var model = engine.CreateDbContext())
        {
            var import = new Import(model, sealer, progress);
            var content = await import.CheckAsync(file, CancellationToken.None);
            if (content.Refusal is not null)
            {
                return content;
            }

            if (folder.HasRoot && import.RootPin is { } pin)
            {
                using var other = folder.ReadRoot();
                if (!pin.AsSpan().SequenceEqual(AuthorityPair.PinOf(other)))
                {
                    return new Refusal(
                        "import",
                        $"its CA (pin {Convert.ToHexStringLower(pin)}) is not the one in {folder.Path}. Set ELYSIUM_DATA_DIR to an empty folder, or to that of the old installation.");
                }
            }
        }

        Outcome<TransferContent> written = new Refusal("import", "it was not begun");
        var refusal = await engine.PrepareAsync(
            async (database, token) =>
            {
                file.Position = 0;
                written = await new Import(database, sealer, progress).WriteAsync(file, token);
                return written.Refusal;
            },
            CancellationToken.None);
        return refusal is null ? written : refusal;
    }
}

/// <summary>What was moved, for people.</summary>
internal static class TransferReport
{
    public static void Print(OrderedDictionary<string, TableSum> sums)
    {
        foreach (var (table, sum) in sums)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{table,-24}{sum.Rows,9}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"rows",-24}{sums.Values.Sum(s => s.Rows),9}"));
    }
}
