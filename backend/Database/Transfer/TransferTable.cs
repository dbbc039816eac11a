using System.Data;
using System.Data.Common;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace Elysium.Backend.Database.Transfer;

/// <summary>A table as the model has it: what is read from it, in which order, and how rows get in.</summary>
internal sealed class TransferTable
{
    private readonly string _orderBy;
    private readonly string _quoted;

    private TransferTable(IEntityType entity, ElysiumDatabase database)
    {
        Name = entity.GetTableName()!;
        Columns = [.. entity.GetProperties().Select(TransferColumn.Of)];
        _quoted = $"\"{Name}\"";

        // Ids, bytes and numbers sort alike on both engines; text does when it sorts by its bytes.
        _orderBy = string.Join(", ", entity.FindPrimaryKey()!.Properties.Select(p =>
            $"\"{p.GetColumnName()}\"{(TransferColumn.Of(p).Type == DbType.String ? database.ByteOrder : "")}"));
    }

    public string Name { get; }

    public IReadOnlyList<TransferColumn> Columns { get; }

    public string[] ColumnNames => [.. Columns.Select(c => c.Name)];

    /// <summary>Every table, each behind those that it refers to.</summary>
    public static IReadOnlyList<TransferTable> All(ElysiumDatabase database)
    {
        var left = database.Model.GetEntityTypes().OrderBy(e => e.GetTableName(), StringComparer.Ordinal).ToList();
        var ordered = new List<IEntityType>();
        while (left.Count > 0)
        {
            var next = left.First(e => e.GetForeignKeys().All(k => k.PrincipalEntityType == e || ordered.Contains(k.PrincipalEntityType)));
            left.Remove(next);
            ordered.Add(next);
        }

        return [.. ordered.Select(e => new TransferTable(e, database))];
    }

    public DbCommand Select(DbConnection connection, DbTransaction transaction) =>
        Command(connection, transaction, $"SELECT {string.Join(", ", Columns.Select(c => c.Quoted))} FROM {_quoted} ORDER BY {_orderBy}");

    public DbCommand Any(DbConnection connection, DbTransaction transaction) =>
        Command(connection, transaction, $"SELECT 1 FROM {_quoted} LIMIT 1");

    /// <summary>Takes so many rows at once; parameters row by row.</summary>
    public DbCommand Insert(DbConnection connection, DbTransaction transaction, int rows)
    {
        var sql = new StringBuilder($"INSERT INTO {_quoted} ({string.Join(", ", Columns.Select(c => c.Quoted))}) VALUES ");
        var command = Command(connection, transaction, "");
        for (var row = 0; row < rows; row++)
        {
            sql.Append(row == 0 ? "(" : ", (");
            for (var column = 0; column < Columns.Count; column++)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = $"@p{command.Parameters.Count}";
                parameter.DbType = Columns[column].Type;
                command.Parameters.Add(parameter);
                sql.Append(column == 0 ? "" : ", ").Append(parameter.ParameterName);
            }

            sql.Append(')');
        }

        command.CommandText = sql.ToString();
        return command;
    }

    private static DbCommand Command(DbConnection connection, DbTransaction transaction, string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;

        // As long as it takes: whoever waits sees the progress.
        command.CommandTimeout = 0;
        return command;
    }
}

/// <summary>A column and the neutral type of what stands in it.</summary>
internal sealed record TransferColumn(string Name, DbType Type)
{
    public string Quoted => $"\"{Name}\"";

    /// <summary>Whether a sealed private key stands in it, whose owner is the row's id.</summary>
    public bool IsSealed => Name.EndsWith("_sealed", StringComparison.Ordinal);

    public static TransferColumn Of(IProperty property)
    {
        var type = property.GetTypeMapping().Converter?.ProviderClrType ?? property.ClrType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        return new TransferColumn(property.GetColumnName(), type switch
        {
            _ when type == typeof(Guid) => DbType.Guid,
            _ when type == typeof(string) => DbType.String,
            _ when type == typeof(byte[]) => DbType.Binary,
            _ when type == typeof(int) => DbType.Int32,
            _ when type == typeof(long) => DbType.Int64,
            _ when type == typeof(bool) => DbType.Boolean,
            _ => throw new InvalidOperationException($"{property.DeclaringType.DisplayName()}.{property.Name} has a type that exports do not know: {type}."),
        });
    }
}
