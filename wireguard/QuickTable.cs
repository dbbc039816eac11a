using System.Globalization;

namespace Elysium.WireGuard;

/// <summary>Where <c>wg-quick</c> puts routes (<c>Table</c>, wg-quick(8)). <see langword="default"/> is <see cref="Auto"/>.</summary>
public readonly record struct QuickTable
{
    private const long OffValue = -1;

    // 0 is automatic: no table has that number.
    private readonly long _value;

    private QuickTable(long value) => _value = value;

    /// <summary>The main table, default routes by a table of their own and rules.</summary>
    public static QuickTable Auto => default;

    /// <summary>No routes.</summary>
    public static QuickTable Off => new(OffValue);

    /// <summary>The number of the table; null for <see cref="Auto"/> and <see cref="Off"/>.</summary>
    public uint? Number => _value > 0 ? (uint)_value : null;

    /// <summary>This routing table.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is 0, which no table has.</exception>
    public static QuickTable Of(uint number)
    {
        ArgumentOutOfRangeException.ThrowIfZero(number);
        return new QuickTable(number);
    }

    /// <summary><c>auto</c>, <c>off</c> or the number.</summary>
    public override string ToString() => _value switch
    {
        0 => "auto",
        OffValue => "off",
        _ => _value.ToString(CultureInfo.InvariantCulture),
    };
}
