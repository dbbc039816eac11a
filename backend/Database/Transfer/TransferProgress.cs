using System.Globalization;

namespace Elysium.Backend.Database.Transfer;

/// <summary>Says on standard error how far a long piece of work is, every two seconds.</summary>
internal sealed class TransferProgress(TextWriter output, string what, TimeProvider time)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private long _last = time.GetTimestamp();

    public void Tell(string table, long rows)
    {
        // A look at the clock for each row would cost more than some rows.
        if (rows % 256 == 0 && time.GetElapsedTime(_last) >= Every)
        {
            _last = time.GetTimestamp();
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {table}, {rows} rows"));
        }
    }
}
