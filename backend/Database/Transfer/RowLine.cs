using System.Buffers;
using System.Data;
using System.Data.Common;
using System.Text.Json;

namespace Elysium.Backend.Database.Transfer;

/// <summary>A row as a line: a JSON array without a space in it, the same from every engine.</summary>
internal static class RowLine
{
    /// <summary>Writes the row that the reader stands on, with its line feed.</summary>
    public static void Write(Utf8JsonWriter json, ArrayBufferWriter<byte> line, DbDataReader row, TransferTable table)
    {
        line.ResetWrittenCount();
        json.Reset();
        json.WriteStartArray();
        for (var i = 0; i < table.Columns.Count; i++)
        {
            if (row.IsDBNull(i))
            {
                json.WriteNullValue();
                continue;
            }

            switch (table.Columns[i].Type)
            {
                case DbType.Guid:
                    json.WriteStringValue(row.GetGuid(i));
                    break;
                case DbType.String:
                    json.WriteStringValue(row.GetString(i));
                    break;
                case DbType.Binary:
                    json.WriteBase64StringValue((byte[])row.GetValue(i));
                    break;
                case DbType.Boolean:
                    json.WriteBooleanValue(row.GetBoolean(i));
                    break;
                case DbType.Int32:
                    json.WriteNumberValue(row.GetInt32(i));
                    break;
                default:
                    json.WriteNumberValue(row.GetInt64(i));
                    break;
            }
        }

        json.WriteEndArray();
        json.Flush();
        line.Write("\n"u8);
    }

    /// <summary>The values of a line; null when it is not one of this table's.</summary>
    public static object?[]? Parse(ReadOnlySpan<byte> line, TransferTable table)
    {
        try
        {
            var json = new Utf8JsonReader(line);
            if (!json.Read() || json.TokenType != JsonTokenType.StartArray)
            {
                return null;
            }

            var values = new object?[table.Columns.Count];
            for (var i = 0; i < values.Length; i++)
            {
                json.Read();
                if (json.TokenType != JsonTokenType.Null && (values[i] = Value(ref json, table.Columns[i].Type)) is null)
                {
                    return null;
                }
            }

            return json.Read() && json.TokenType == JsonTokenType.EndArray && !json.Read() ? values : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static object? Value(ref Utf8JsonReader json, DbType type) => (type, json.TokenType) switch
    {
        (DbType.Guid, JsonTokenType.String) => json.TryGetGuid(out var id) ? id : null,
        (DbType.String, JsonTokenType.String) => json.GetString(),
        (DbType.Binary, JsonTokenType.String) => json.TryGetBytesFromBase64(out var bytes) ? bytes : null,
        (DbType.Int32, JsonTokenType.Number) => json.TryGetInt32(out var number) ? number : null,
        (DbType.Int64, JsonTokenType.Number) => json.TryGetInt64(out var number) ? number : null,
        (DbType.Boolean, JsonTokenType.True) => true,
        (DbType.Boolean, JsonTokenType.False) => false,
        _ => null,
    };
}
