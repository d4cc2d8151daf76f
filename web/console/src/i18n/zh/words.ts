import type { words as en } from "../en/words";

export const words: typeof en = {
  state: {
    available: "空闲", preparing: "已插枪", charging: "充电中", suspended_ev: "车辆暂停", suspended_evse: "桩端暂停",
    finishing: "已完成待拔枪", reserved: "已预约", unavailable: "停用", faulted: "故障", unknown: "未上报",
  },
  presence: {
    online: "在线", offline: "离线", new: "从未连接", offline_for: "离线 {{time}}", last_known: "最后状态：{{state}}",
    seen: "{{time}}前收到报文", never: "尚无报文",
  },
  word: {
    confirm: "确认", cancel: "取消", save: "保存", close: "关闭", delete: "删除", edit: "编辑", add: "添加", back: "返回",
    retry: "重试", copy: "复制", copied: "已复制", undo: "撤销", more: "更多操作", all: "全部", none: "无", yes: "是", no: "否",
    search: "搜索", filter: "筛选", clear: "清除筛选", clear_search: "清除搜索", columns: "列", export: "导出", import: "导入", refresh: "刷新",
    name: "名称", status: "状态", created: "创建时间", optional: "选填", now: "现在", ago: "{{time}}前", since: "已持续 {{time}}",
    loading: "加载中…", rows: "第 {{from}}–{{to}} 条，共 {{total}} 条", previous: "上一页", next: "下一页",
    selected_one: "已选 {{count, number}} 项", selected_other: "已选 {{count, number}} 项", select_every: "选择列出的全部", select_all: "选择本页全部",
    select_row: "选择 {{name}}", show_more: "显示更多", actions: "操作", details: "详情", continue: "继续", done: "完成",
    page_size: "每页", view_table: "以表格显示", view_chart: "以图表显示", required: "请填写此项。", on: "开", off: "关",
    saved: "已保存", open: "打开", evse: "{{number}} 号枪", compact: "紧凑行距", view: "列与视图", of: "/",
  },
  problem: {
    title: "无法加载", unreachable: "服务器没有响应。", unreachable_help: "未做任何更改。请检查网络连接后重试。",
    kept: "已填写的内容会保留。", request: "请求编号 {{id}}", home: "返回总览", not_found: "这里没有内容",
    not_found_help: "地址无效或内容已被删除。可用 Ctrl-K 查找。", crashed: "页面出现故障",
    crashed_help: "服务器上的数据未受影响。重新加载页面即可继续。", reload: "重新加载", fields: "请检查下方标出的字段。",
    unexpected: "无法理解服务器的响应。", not_allowed: "您的角色只能查看，不能更改。",
  },
  days: { label: "日期", any: "全部日期", today: "今天", yesterday: "昨天", week: "最近 7 天", month: "最近 30 天", own: "自定义…" },
  unit: { energy: "电量", power: "功率", soc: "电池电量", current: "电流", voltage: "电压", duration: "时长" },
};
